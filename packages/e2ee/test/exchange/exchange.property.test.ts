import { generateAesGcmKey, openEvent, sealEventBinary } from '@conclave/e2ee'
import {
  encodeIdentity,
  encodeInvitation,
  generateExchangeKeys,
  InvitationBook,
  openInvitationAnswer,
  openKey,
  parseIdentity,
  parseInvitation,
  decodeSealedKeyHeader,
  requestInvitation,
  restoreExchangeKeys,
  sealKey,
} from '@conclave/e2ee/exchange'
import { createSigner, SignerDirectory } from '@conclave/e2ee/signing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rootOf } from '../fixtures.ts'
import { INVITATION_FORMAT } from '../../src/exchange/invitation-state.ts'

const NOW = Date.UTC(2026, 10, 21)
const [alice, bob] = [await generateExchangeKeys(), await generateExchangeKeys()]
const texts = (maxBytes: number) =>
  fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((text) => new TextEncoder().encode(text).length <= maxBytes)
const anything = fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true })

/** Some of the bytes changed, a piece cut out, doubled or put in: never what it was. */
const damaged = (good: Uint8Array) =>
  fc
    .record({
      at: fc.nat(good.length - 1),
      drop: fc.nat(4),
      put: fc.uint8Array({ maxLength: 4 }),
    })
    .map(({ at, drop, put }) =>
      Uint8Array.of(...good.subarray(0, at), ...put, ...good.subarray(at + drop)),
    )
    .filter((bytes) => bytes.length !== good.length || bytes.some((byte, at) => byte !== good[at]))

test('[E11, E12, E13] any key under any names reaches its receiver, in its context only', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.record({ room: texts(1024), purpose: texts(1024), keyId: texts(255) }),
      fc.record({ room: texts(1024), purpose: texts(1024) }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      async (bytes, names, other, epoch) => {
        const key = new Uint8Array(bytes)
        const options = { ...names, epoch, expiresAt: NOW + 1 }
        const sealed = await sealKey(key, { ...options, from: alice, to: bob.identity })
        const given = { to: bob, from: alice.identity, now: NOW, seen: 'none' } as const
        const { room, purpose, keyId } = names
        const opened = await openKey(sealed, { ...given, room, purpose })
        expect(opened).toMatchObject({ type: 'opened', key, keyId, epoch })
        fc.pre(other.room !== room || other.purpose !== purpose)
        const moved = await openKey(sealed, { ...given, ...other })
        expect(moved).toEqual({ type: 'dropped', reason: 'not-authentic' })
      },
    ),
    { numRuns: 40 },
  ))

test('[E15] a sealed key that was changed in any way does not open, and nothing throws', async () => {
  const place = { room: 'r', purpose: 'p' }
  const options = { ...place, expiresAt: NOW + 1 }
  const good = await sealKey(rootOf(9), { ...options, from: alice, to: bob.identity })
  const book = new InvitationBook({ keys: alice, storage: 'none' })
  const { invitation } = await book.create({ room: 'r', expiresAt: NOW + 1, now: NOW })
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged(good), anything), async (bytes) => {
      const opened = await openKey(bytes, {
        ...{ to: bob, from: alice.identity, ...place, now: NOW, seen: 'none' },
      })
      expect(opened.type).toBe('dropped')
      const isMalformed = opened.type === 'dropped' && opened.reason === 'malformed'
      expect(isMalformed).toBe(decodeSealedKeyHeader(bytes) === undefined)
      const answer = await openInvitationAnswer(bytes, { invitation, to: bob, now: NOW })
      expect(answer.type).toBe('dropped')
    }),
    { numRuns: 500 },
  )
})

test('[E23] a request that was changed in any way is not accepted, and nothing throws', async () => {
  const book = new InvitationBook({ keys: alice, storage: 'none' })
  const { invitation } = await book.create({ room: 'r', expiresAt: NOW + 1, now: NOW })
  const request = await requestInvitation(invitation, { keys: bob, now: NOW })
  if (request.type !== 'request') throw new Error('expected a request')
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged(request.bytes), anything), async (bytes) => {
      expect((await book.accept(bytes, { now: NOW })).type).toBe('refused')
    }),
    { numRuns: 500 },
  )
  expect((await book.accept(request.bytes, { now: NOW })).type).toBe('accepted')
  expect((await book.accept(request.bytes, { now: NOW })).type).toBe('accepted')
})

test('[E5, E20] texts survive a round trip; any other text is undefined, and nothing throws', async () => {
  const book = new InvitationBook({ keys: alice, storage: 'none' })
  await fc.assert(
    fc.asyncProperty(
      texts(255),
      fc.nat(),
      fc.string({ maxLength: 3, unit: 'grapheme' }),
      async (room, where, put) => {
        const { invitation } = await book.create({ room, expiresAt: NOW + 1, now: NOW })
        for (const form of ['link', 'qr'] as const) {
          const good = encodeInvitation(invitation, form)
          expect(parseInvitation(good)?.room).toBe(room)
          expect(parseIdentity(good)).toBeUndefined()
          const at = where % good.length
          const text = good.slice(0, at) + put + good.slice(at + 1)
          const parsed = parseInvitation(text)
          // What a person's typing is forgiven is the same invitation.
          const isSame = parsed !== undefined && encodeInvitation(parsed, form) === good
          expect(parsed === undefined || isSame).toBe(true)
        }
      },
    ),
    { numRuns: 100 },
  )
  const identity = encodeIdentity(alice.identity, 'qr')
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, fc.string(), fc.base64String()), async (value) => {
      expect(parseIdentity(value)).toBeUndefined()
      expect(parseInvitation(value)).toBeUndefined()
      expect(await restoreExchangeKeys(value)).toBeUndefined()
      expect(parseIdentity(`${identity}${String(typeof value)}`)).toBeUndefined()
    }),
    { numRuns: 200 },
  )
})

test('[E24, E25, E26] any sequence of requests, answers, revocations and times has one invitee and one answer', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          ...{ of: fc.nat(2), at: fc.nat(12) },
          act: fc.constantFrom('alice', 'bob', 'answer', 'revoke'),
        }),
        { maxLength: 16 },
      ),
      async (steps) => {
        const book = new InvitationBook({ keys: alice, storage: 'none' })
        const made = await Promise.all(
          [3, 6, 9].map(async (lifetime) => {
            const expiresAt = NOW + lifetime
            const { id, invitation } = await book.create({ room: 'r', expiresAt, now: NOW })
            const requests = await Promise.all(
              [alice, bob].map((keys) => requestInvitation(invitation, { keys, now: NOW })),
            )
            const [alices, bobs] = requests.map((each) => each.type === 'request' && each.bytes)
            return { id, alice: alices, bob: bobs, expiresAt }
          }),
        )
        const states = new Map<number, { invitee?: string; answer?: string; end?: string }>()
        const [answers, expected]: string[][] = [[], []]
        let now = NOW
        for (const { of, act, at } of steps) {
          now = Math.max(now, NOW + at)
          const one = made[of]
          if (one === undefined) continue
          const state = states.get(of) ?? {}
          states.set(of, state)
          const isLate = one.expiresAt <= now
          const end = isLate ? 'expired' : state.end
          if (act === 'revoke') {
            answers?.push(String(await book.revoke(one.id, { now })))
            expected?.push(String(end === undefined))
            if (end === undefined) state.end = 'revoked'
          } else if (act === 'answer') {
            const answering = { invitation: one.id, now, expiresAt: NOW + 99 }
            const answer = await book.answer(rootOf(9), answering)
            const given = answer.type === 'answered' ? String(answer.answer) : answer.reason
            // Also `revoked`, or `unknown` after another write.
            answers?.push(isLate && answer.type === 'refused' ? 'expired' : given)
            if (end === undefined && state.invitee) state.answer ??= given
            expected?.push(end ?? state.answer ?? 'not-accepted')
          } else {
            const answer = await book.accept(one[act], { now })
            const given = answer.type === 'answered' ? String(answer.answer) : answer.type
            answers?.push(answer.type === 'refused' ? answer.reason : given)
            if (end === undefined) state.invitee ??= act
            const outcome = state.answer ?? 'accepted'
            expected?.push(end ?? (state.invitee === act ? outcome : 'used'))
          }
        }
        expect(answers).toEqual(expected)
      },
    ),
    { numRuns: 60 },
  ))

test('[E25] any bytes decode to a record or to undefined', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const record = new Uint8Array(bytes)
      record.set([2, 0].slice(0, record.length))
      const state = INVITATION_FORMAT.decode(record)
      if (state === undefined) return
      const again = INVITATION_FORMAT.decode(INVITATION_FORMAT.encode(state))
      expect(again).toEqual(state)
    }),
  ))

test('[P50, P52] a signed event that was changed in any way does not open', async () => {
  const key = await generateAesGcmKey()
  const chat = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
  const verifier = new SignerDirectory()
  verifier.add('alice', alice.identity.signingKey)
  const signer = createSigner(alice.signingKeys)
  const good = await sealEventBinary({ a: 1 }, key, { ...chat, sender: 'alice', signer })
  await fc.assert(
    fc.asyncProperty(damaged(good), async (bytes) => {
      expect((await openEvent(bytes, key, { ...chat, verifier })).type).toBe('dropped')
    }),
    { numRuns: 300 },
  )
})
