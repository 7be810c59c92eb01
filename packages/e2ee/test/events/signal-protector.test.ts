import {
  createSignalProtector,
  generateAesGcmKey,
  Keyring,
  ParticipantKeySource,
  randomParticipantId,
  SharedKeySource,
} from '@conclave/e2ee'
import type { SignalContext } from '@conclave/e2ee'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failureOf, flipBit, rootOf, utf8 } from '../fixtures.ts'

const room = 'room-42'
const context: SignalContext = {
  ...{ type: 'offer', direction: 'to-receiver', sender: 'alice', receiver: 'bob' },
  ...{ room, sequence: 1_700_000_000_000 * 1024 },
}
const protectorOf = (self: string, root = 1) =>
  createSignalProtector(new SharedKeySource(rootOf(root)), { room, self })
const body = utf8('{"sdp":"v=0"}')

describe('signalling', () => {
  test('[S40] opens at the others with its own context, and with no other', async () => {
    const bob = protectorOf('bob')
    const bytes = await protectorOf('alice').seal(context, body)
    expect(await bob.open(context, bytes)).toEqual(body)
    const changes: Partial<SignalContext>[] = [
      ...[{ type: 'answer' }, { direction: 'to-sender' as const }, { sender: 'carol' }],
      ...[{ receiver: '' }, { receiver: 'carol' }, { room: 'room-43' }, { sequence: 1 }],
    ]
    for (const change of changes) {
      expect(await bob.open({ ...context, ...change }, bytes)).toBeUndefined()
    }
    expect(await protectorOf('bob', 2).open(context, bytes)).toBeUndefined()
  })

  test('[S40] a protector seals only as itself in its room, and its own messages do not open', async () => {
    const alice = protectorOf('alice')
    for (const change of [{ sender: 'bob' }, { room: 'room-43' }]) {
      await expect(alice.seal({ ...context, ...change }, body)).rejects.toThrow(TypeError)
    }
    expect(await alice.open(context, await alice.seal(context, body))).toBeUndefined()
  })

  test('[S4] opening answers for any bytes and any context', async () => {
    const bob = protectorOf('bob')
    const bytes = await protectorOf('alice').seal(context, body)
    for (let at = 0; at < bytes.length; at += 1) {
      expect(await bob.open(context, flipBit(bytes, at))).toBeUndefined()
    }
    for (const other of [new Uint8Array(), bytes.subarray(1), new Uint8Array(200)]) {
      expect(await bob.open(context, other)).toBeUndefined()
    }
    for (const change of [{ sender: '' }, { sender: 'x'.repeat(300) }, { type: '\ud800' }]) {
      expect(await bob.open({ ...context, ...change }, bytes)).toBeUndefined()
    }
  })

  test('[S40] a fault of the key source is not hidden as a message that does not open', async () => {
    class ShortKeySource extends SharedKeySource {
      override async export(): Promise<Uint8Array<ArrayBuffer>> {
        return new Uint8Array(3)
      }
    }
    const bob = createSignalProtector(new ShortKeySource(rootOf(1)), { room, self: 'bob' })
    const bytes = await protectorOf('alice').seal(context, body)
    await expect(bob.open(context, bytes)).rejects.toThrow(
      '"key.length" expected an integer from 32 to 32, got 3',
    )
  })

  test('[S40] two contexts never have the same name', async () => {
    const [alice, bob] = [protectorOf('alice'), protectorOf('bob')]
    const parts = fc.record({
      type: fc.string({ maxLength: 4, unit: fc.constantFrom('a', ' ', '1') }),
      receiver: fc.string({ maxLength: 4, unit: fc.constantFrom('a', ' ', '1') }),
      sequence: fc.nat(12),
      direction: fc.constantFrom('to-sender' as const, 'to-receiver' as const),
    })
    await fc.assert(
      fc.asyncProperty(parts, parts, async (one, other) => {
        const bytes = await alice.seal({ ...context, ...one }, body)
        const opened = await bob.open({ ...context, ...other }, bytes)
        expect(opened !== undefined).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 60 },
    )
  })

  test('[S40] a sequence that is text is no other spelling of another context', async () => {
    const given = { ...context, sequence: 1, receiver: 'x 2 y', type: 'zt' }
    const bytes = await protectorOf('alice').seal(given, body)
    const other = { ...given, sequence: '1 5 x', receiver: 'yz', type: 't' } as never
    expect(await protectorOf('bob').open(other, bytes)).toBeUndefined()
  })

  test('[S40, P25] keys are derived for each sender: a bare key of a keyring seals and opens nothing', async () => {
    const ring = new Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: await generateAesGcmKey() })
    const alice = createSignalProtector(ring, { room, self: 'alice' })
    expect((await failureOf(alice.seal(context, body))).code).toBe('ERR_E2EE_UNKNOWN_KEY')
    const [ours, theirs] = [randomParticipantId(), randomParticipantId()]
    const keys = new ParticipantKeySource(ours)
    const receiver = new ParticipantKeySource(theirs)
    receiver.setParticipantKey(ours, keys.grantWithPast())
    const given = { ...context, sender: ours }
    const bytes = await createSignalProtector(keys, { room, self: ours }).seal(given, body)
    const bob = createSignalProtector(receiver, { room, self: theirs })
    expect(await bob.open(given, bytes)).toEqual(body)
    expect(() => createSignalProtector(keys, { room, self: theirs })).toThrow(/^"self"/)
  })

  test('[P46] arguments are checked when they are given', async () => {
    const keys = new SharedKeySource(rootOf(1))
    const wrong: [name: string, call: () => unknown][] = [
      ['keys', () => createSignalProtector({} as never, { room, self: 'alice' })],
      ['room', () => createSignalProtector(keys, { room: '', self: 'alice' })],
      ['room', () => createSignalProtector(keys, { room: 5, self: 'alice' } as never)],
      ['self', () => createSignalProtector(keys, { room, self: 'x'.repeat(256) })],
    ]
    const changes = { direction: 'sideways', sequence: '1', receiver: undefined, type: 5 }
    for (const [name, value] of [...Object.entries(changes), ['sequence', Number.NaN] as const]) {
      const sealing = protectorOf('alice').seal({ ...context, [name]: value } as never, body)
      await expect(sealing, name).rejects.toThrow(new RegExp(`^"context.${name}"`))
    }
    for (const [name, call] of wrong) expect(call).toThrow(new RegExp(`^"${name}"`))
    const key = await generateAesGcmKey()
    expect(() => createSignalProtector(key as never, { room, self: 'alice' })).toThrow(TypeError)
    await expect(protectorOf('alice').seal(context, 'x' as never)).rejects.toThrow(/^"body"/)
  })
})
