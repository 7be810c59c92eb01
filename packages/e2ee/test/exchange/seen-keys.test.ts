import { encodeBase64Url } from '@conclave/base'
import { Keyring } from '@conclave/e2ee'
import {
  generateExchangeKeys,
  identityId,
  MAX_SEALED_KEY_MS,
  MAX_SEEN_KEYS,
  MAX_SEEN_KEYS_OF_SENDER,
  openKey,
  sealKey,
  SeenKeys,
} from '@conclave/e2ee/exchange'
import type { OpenKeyOptions } from '@conclave/e2ee/exchange'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { failureOf, rootOf } from '../fixtures.ts'
import { AddingStorage, STORAGES, TestStorage } from '../test-storage.ts'

const NOW = Date.UTC(2026, 10, 21)
const HOUR = 3_600_000
const [alice, bob, mallory] = [
  await generateExchangeKeys(),
  await generateExchangeKeys(),
  await generateExchangeKeys(),
]
const GOOD = 'opened'
const place = { room: 'room-42', purpose: 'room key' }
const seal = (change: { readonly expiresAt?: number } = {}) =>
  sealKey(rootOf(9), {
    ...{ from: alice, to: bob.identity, ...place, expiresAt: NOW + 60_000 },
    ...{ keyId: 'room-42', epoch: 3n },
    ...change,
  })
const open = async (bytes: unknown, change: Partial<OpenKeyOptions> = {}): Promise<string> => {
  const options = {
    ...{ to: bob, from: alice.identity, ...place, now: NOW, seen: 'none' },
    ...change,
  } as OpenKeyOptions
  const opened = await openKey(bytes, options)
  return opened.type === 'opened' ? GOOD : opened.reason
}
/** An id of 16 bytes that no other number has. */
const idOf = (number: number): string => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, number)
  return encodeBase64Url(bytes)
}

test('[E15] a key that is good for longer than 31 days does not open', async () => {
  const long = await seal({ expiresAt: NOW + MAX_SEALED_KEY_MS + 1 })
  expect(await open(long)).toBe('expires-too-late')
  expect(await open(long, { now: NOW + 1 })).toBe(GOOD)
  expect(await open(await seal({ expiresAt: Number.MAX_SAFE_INTEGER }))).toBe('expires-too-late')
})

test('[E16] a sender who sends too many is refused, and no other sender', async () => {
  const seen = new SeenKeys({ storage: 'none' })
  const [alices, mallorys] = [await identityId(alice.identity), await identityId(mallory.identity)]
  let admitted = 0
  const admit = (senderId: string, expiresAt: number, now = NOW) => {
    admitted += 1
    return seen.admit({ id: idOf(admitted), senderId, expiresAt }, now)
  }
  for (let index = 0; index < MAX_SEEN_KEYS_OF_SENDER; index += 1) {
    expect(await admit(mallorys, NOW + 2 * HOUR)).toBeUndefined()
  }
  expect(await admit(mallorys, NOW + 3 * HOUR)).toBe('too-many')
  expect(await admit(alices, NOW + HOUR)).toBeUndefined()
  expect(await open(await seal(), { seen })).toBe(GOOD)
  // When its keys expire it makes room among its own.
  expect(await admit(mallorys, NOW + 3 * HOUR, NOW + 2 * HOUR)).toBeUndefined()
})

test('[E16] a full guard refuses all keys until one expires', async () => {
  const storage = new TestStorage()
  const record = new Uint8Array(11 + MAX_SEEN_KEYS * 40)
  record.set([2])
  record.set([MAX_SEEN_KEYS >> 8, MAX_SEEN_KEYS & 255], 9)
  const view = new DataView(record.buffer)
  for (let index = 0; index < MAX_SEEN_KEYS; index += 1) {
    view.setUint32(11 + index * 40, index)
    view.setUint32(11 + index * 40 + 16, index % 64)
    view.setBigUint64(11 + index * 40 + 32, BigInt(NOW + 1000))
  }
  await storage.write(record, undefined)
  const seen = new SeenKeys({ storage })
  const bytes = await seal()
  expect(await open(bytes, { seen })).toBe('too-many')
  expect(await open(bytes, { seen, now: NOW + 1000 })).toBe(GOOD)
  expect(await open(bytes, { seen, now: NOW + 1000 })).toBe('replay')
  const head = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  const last = [...head.slice(0, 10), 1]
  for (const wrong of [[], [1, ...head.slice(1)], last, [...head, 1], head.slice(1)]) {
    const damaged = new TestStorage()
    await damaged.write(Uint8Array.from(wrong), undefined)
    const failure = await failureOf(open(bytes, { seen: new SeenKeys({ storage: damaged }) }))
    expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'damaged' }])
  }
  expect(() => new SeenKeys({ storage: {} as never })).toThrow(/^"storage" expected/)
})

test('[E16] a clock that was ahead and is mended lets nothing in twice, and mutes nobody', async () => {
  const seen = new SeenKeys({ storage: 'none' })
  const bytes = await seal({ expiresAt: NOW + HOUR })
  expect(await open(bytes, { seen })).toBe(GOOD)
  const later = await seal({ expiresAt: NOW + 4 * HOUR })
  expect(await open(later, { seen, now: NOW + 3 * HOUR })).toBe(GOOD)
  expect(await open(bytes, { seen })).toBe('replay')
  expect(await open(await seal({ expiresAt: NOW + HOUR }), { seen })).toBe(GOOD)
})

test('[E16] a key that was forgotten while a clock was ahead is refused by name, and a new one is admitted or refused as before', async () => {
  const seen = new SeenKeys({ storage: 'none' })
  const admit = (number: number, now: number) =>
    seen.admit({ id: idOf(number), senderId: idOf(0), expiresAt: NOW + number }, now)
  for (let number = 1; number <= MAX_SEEN_KEYS_OF_SENDER; number += 1) {
    expect(await admit(number, NOW)).toBeUndefined()
  }
  const next = MAX_SEEN_KEYS_OF_SENDER + 1
  expect(await admit(next, NOW + 1)).toBeUndefined()
  expect(await admit(1, NOW)).toBe('forgotten')
  expect(await admit(2, NOW)).toBe('replay')
  expect(await admit(next + 1, NOW)).toBe('too-many')
})

test('[E16] histories of any clock: nothing is let in twice, and what may have been is named', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(600), fc.nat(400)), {
        minLength: 300,
        maxLength: 700,
      }),
      async (steps) => {
        const [seen, admitted] = [new SeenKeys({ storage: 'none' }), new Set<number>()]
        for (const [name, now] of steps) {
          const message = { id: idOf(name), senderId: idOf(0), expiresAt: 100 + ((name * 7) % 200) }
          const answer = await seen.admit(message, now)
          expect(answer === undefined && admitted.has(name)).toBe(false)
          if (answer === undefined) admitted.add(name)
        }
      },
    ),
    { numRuns: 6, endOnFailure: true },
  )
})

test('[E16] a key that is admitted to a full guard writes its own name, not all', async () => {
  const storage = new AddingStorage()
  const record = new Uint8Array(11 + 8000 * 40)
  record.set([2])
  record.set([8000 >> 8, 8000 & 255], 9)
  const view = new DataView(record.buffer)
  for (let index = 0; index < 8000; index += 1) {
    view.setUint32(11 + index * 40, index)
    view.setUint32(11 + index * 40 + 16, index % 64)
  }
  await storage.write(record, undefined)
  const seen = new SeenKeys({ storage })
  const before = storage.written
  for (let number = 9000; number < 9020; number += 1) {
    const message = { id: idOf(number), senderId: idOf(99), expiresAt: NOW }
    expect(await seen.admit(message, NOW)).toBeUndefined()
    expect(await new SeenKeys({ storage }).admit(message, NOW)).toBe('replay')
  }
  expect(storage.written - before).toBe(20 * 40)
})

test.each(STORAGES)(
  '[E16] of pages that share a storage %s one admits each key',
  async (_, Storage) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(2), fc.nat(500), fc.nat(400)), { minLength: 200, maxLength: 400 }),
        async (steps) => {
          const storage = new Storage()
          const pages = [0, 1, 2].map(() => new SeenKeys({ storage }))
          const admitted = new Set<number>()
          const run = steps.map(async ([page, name, now]) => {
            const message = {
              id: idOf(name),
              senderId: idOf(0),
              expiresAt: 100 + ((name * 7) % 200),
            }
            const answer = await pages[page]?.admit(message, now).catch(() => 'failed' as const)
            if (answer !== undefined) return
            expect(admitted.has(name)).toBe(false)
            admitted.add(name)
          })
          await Promise.all(run)
          const after = new SeenKeys({ storage })
          for (const name of admitted) {
            const message = {
              id: idOf(name),
              senderId: idOf(0),
              expiresAt: 100 + ((name * 7) % 200),
            }
            expect(await after.admit(message, 0)).toMatch(/^(replay|forgotten)$/)
          }
        },
      ),
      { numRuns: 5, endOnFailure: true },
    )
  },
)

test('[P55] a received key may become current only if its sender is one of those who rotate', async () => {
  const bytes = await seal()
  const options = { to: bob, from: alice.identity, ...place, now: NOW, seen: 'none' } as const
  const mayRotate = async (rotators?: (typeof alice.identity)[]) => {
    const opened = await openKey(bytes, { ...options, ...(rotators && { rotators }) })
    if (opened.type !== 'opened') throw new Error(opened.reason)
    const ring = new Keyring()
    const answer = await Promise.resolve()
      .then(() => ring.rotate(opened))
      .catch((error: unknown) => error)
    expect(answer instanceof RangeError).toBe(!opened.mayRotate)
    expect(ring.current !== undefined).toBe(opened.mayRotate)
    return opened.mayRotate
  }
  expect(await mayRotate()).toBe(false)
  expect(await mayRotate([mallory.identity])).toBe(false)
  expect(await mayRotate([mallory.identity, alice.identity])).toBe(true)
  await expect(openKey(bytes, { ...options, rotators: 'all' as never })).rejects.toThrow(
    '"rotators"',
  )
})
