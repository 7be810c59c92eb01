import {
  encodeInvitation,
  Invitation,
  InvitationBook,
  INVITATION_REQUEST_BYTES,
  MAX_INVITATION_MS,
  openInvitationAnswer,
  parseInvitation,
  requestInvitation,
} from '@conclave/e2ee/exchange'
import { describe, expect, test } from 'vitest'
import { TestStorage } from '../test-storage.ts'
import { bytesToHex, flipBit, rootOf } from '../fixtures.ts'
import {
  NOW,
  HOUR,
  openBook,
  invite,
  ask,
  accept,
  alice,
  bob,
  mallory,
} from './invitation-fixtures.ts'

describe('invitations', () => {
  test('[E20, E23, E26] bring a key to the invitee, over text and bytes only', async () => {
    const book = openBook()
    const { id, invitation } = await invite(book)
    const link = `https://meet.example/join#${encodeInvitation(invitation, 'link')}`
    const received = parseInvitation(new URL(link).hash.slice(1))
    if (received === undefined) throw new Error('expected an invitation')
    expect(received).toMatchObject({ room: 'room-42', expiresAt: NOW + HOUR })
    expect(received.inviter).toEqual(alice.identity)
    const accepted = await book.accept(await ask(received), { now: NOW, room: 'room-42' })
    expect(accepted).toEqual({
      ...{ type: 'accepted', invitation: id, room: 'room-42', invitee: bob.identity },
    })
    if (accepted.type !== 'accepted') return
    const options = { now: NOW, expiresAt: NOW + HOUR, keyId: 'k', epoch: 1 }
    const answered = await book.answer(rootOf(7), { invitation: accepted.invitation, ...options })
    if (answered.type !== 'answered') throw new Error(answered.reason)
    const opened = await openInvitationAnswer(answered.answer, {
      invitation: received,
      to: bob,
      now: NOW,
    })
    expect(opened).toMatchObject({ type: 'opened', key: rootOf(7), keyId: 'k', epoch: 1n })
  })

  test('[E20] as a QR code, and as a person types it', async () => {
    const { invitation } = await invite(openBook(), 'комната')
    const qr = encodeInvitation(invitation, 'qr')
    expect(qr).toMatch(/^[0-9A-HJKMNP-TV-Z]+$/)
    for (const text of [qr, qr.toLowerCase().replaceAll(/.{5}/g, '$& ')]) {
      const parsed = parseInvitation(text)
      expect(parsed?.room).toBe('комната')
      expect(encodeInvitation(parsed ?? invitation, 'link')).toBe(
        encodeInvitation(invitation, 'link'),
      )
    }
  })

  test('[E20] a text with a wrong character, and any other text, is no invitation', async () => {
    const { invitation } = await invite(openBook())
    for (const form of ['link', 'qr'] as const) {
      const text = encodeInvitation(invitation, form)
      for (let at = 0; at < text.length; at += 1) {
        const other = text[at] === 'A' ? 'B' : 'A'
        expect(parseInvitation(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined()
        expect(parseInvitation(text.slice(0, at))).toBeUndefined()
      }
    }
    for (const wrong of [undefined, null, 7, {}, [], '', 'x'.repeat(5000)])
      expect(parseInvitation(wrong)).toBeUndefined()
  })

  test('[E20] conversions to text and JSON redact an invitation', async () => {
    const { invitation } = await invite(openBook())
    const secret = bytesToHex(invitation.unsafeExport())
    expect(`${String(invitation)}${JSON.stringify({ invitation })}`).toBe(
      '[Invitation]{"invitation":"[Invitation]"}',
    )
    const shown = Object.values(invitation).join()
    expect(shown).toBe(`room-42,${NOW + HOUR}`)
    expect(secret).toHaveLength(64)
  })

  test('[E20] are good for 90 days at most, and for a room that has a name', async () => {
    const book = openBook()
    const at = (expiresAt: unknown, room: unknown = 'r', now: unknown = NOW) =>
      book.create({ room, expiresAt, now } as never)
    for (const time of [NOW, NOW - 1, NOW + MAX_INVITATION_MS + 1, '5', 0.5, undefined])
      await expect(at(time)).rejects.toThrow(/^"expiresAt"/)
    await expect(at(NOW + 1, 'r', -1)).rejects.toThrow(/^"now"/)
    for (const room of ['', 'x'.repeat(256), 7]) {
      await expect(at(NOW + 1, room)).rejects.toThrow(/^"room"/)
    }
    expect(await book.list({ now: NOW })).toEqual([])
    await at(NOW + MAX_INVITATION_MS, 'x'.repeat(255))
  })

  test('[E21] the inviter keeps no secret: what is stored is no invitation', async () => {
    const storage = new TestStorage()
    const { invitation } = await invite(openBook(storage))
    const stored = bytesToHex(storage.stored?.bytes ?? rootOf(0))
    expect(stored).not.toContain(bytesToHex(invitation.unsafeExport()))
    expect(stored).toContain(bytesToHex(new TextEncoder().encode('room-42')))
  })
})

describe('requests', () => {
  test('[E22] requests reveal neither the invitee nor the room', async () => {
    const { id, invitation } = await invite(openBook())
    const bytes = await ask(invitation)
    expect(bytes.length).toBe(INVITATION_REQUEST_BYTES)
    const text = bytesToHex(bytes)
    const { signingKey, agreementKey } = bob.identity
    for (const key of [signingKey, agreementKey, new TextEncoder().encode('room-42')])
      expect(text).not.toContain(bytesToHex(key))
    expect(btoa(String.fromCharCode(...bytes.subarray(2, 18)))).toContain(
      id.replaceAll('-', '+').replaceAll('_', '/'),
    )
    expect(await ask(invitation)).not.toEqual(bytes)
  })

  test('[E22] an expired invitation makes no request', async () => {
    const { invitation } = await invite(openBook())
    const late = await requestInvitation(invitation, { keys: bob, now: NOW + HOUR })
    expect(late).toEqual({ type: 'refused', reason: 'expired' })
  })

  test('[E23] every changed bit, and every cut, is refused, and the invitation stays open', async () => {
    const book = openBook()
    const { invitation } = await invite(book)
    const bytes = await ask(invitation)
    for (let index = 0; index < bytes.length * 8; index += 1) {
      const answer = await accept(book, flipBit(bytes, index >> 3, index & 7))
      const expected =
        index < 16 ? ['malformed'] : ['not-authentic', 'unknown', 'expired', 'malformed']
      expect(expected, `${index}`).toContain(answer)
    }
    for (let length = 0; length < bytes.length; length += 1)
      expect(await accept(book, bytes.subarray(0, length))).toBe('malformed')
    for (const wrong of [
      undefined,
      null,
      'x',
      {},
      [...bytes],
      new Uint8Array(199),
      new Uint16Array(198),
    ])
      expect(await accept(book, wrong)).toBe('malformed')
    expect(await accept(book, bytes)).toBe('accepted')
  })

  test('[E23] without the secret, or moved to another invitation, it is not authentic', async () => {
    const book = openBook()
    const [one, other] = [await invite(book), await invite(book)]
    const bytes = await ask(one.invitation)
    const moved = bytes.slice()
    moved.set((await ask(other.invitation)).subarray(2, 18), 2)
    expect(await accept(book, moved)).toBe('not-authentic')
    const { inviter, room, expiresAt } = one.invitation
    const guessed = new Invitation(rootOf(1), { inviter, room, expiresAt })
    expect(await accept(book, await ask(guessed))).toBe('unknown')
    for (const change of [
      { room: 'room-43' },
      { expiresAt: expiresAt + 1 },
      { inviter: mallory.identity },
    ]) {
      const altered = { inviter, room, expiresAt, ...change }
      const forged = new Invitation(one.invitation.unsafeExport(), altered)
      expect(await accept(book, await ask(forged))).toBe('not-authentic')
    }
    expect(await accept(book, bytes)).toBe('accepted')
  })

  test('[E22, E23] a request in the name of another’s keys, or of one of them, is not accepted', async () => {
    const book = openBook()
    const { invitation } = await invite(book)
    // Mallory uses her own private keys, and claims public ones that are Bob's.
    const claims = [
      bob.identity,
      { ...mallory.identity, agreementKey: bob.identity.agreementKey },
      { ...mallory.identity, signingKey: bob.identity.signingKey },
    ]
    for (const identity of claims) {
      const claim = Object.create(Object.getPrototypeOf(mallory) as object, {
        identity: { value: identity },
        toStored: { value: () => mallory.toStored() },
      }) as typeof mallory
      expect(await accept(book, await ask(invitation, claim))).toBe('not-authentic')
    }
    expect(await accept(book, await ask(invitation))).toBe('accepted')
  })

  test('[E23] another inviter’s book does not know the invitation', async () => {
    const { invitation } = await invite(openBook())
    const other = new InvitationBook({ keys: mallory, storage: 'none' })
    expect(await accept(other, await ask(invitation))).toBe('unknown')
  })
})

describe('the life of an invitation', () => {
  test('[E24] an invitation accepts one invitee, as often as that one asks', async () => {
    const book = openBook()
    const { id, invitation } = await invite(book)
    const [bobs, mallorys] = [await ask(invitation), await ask(invitation, mallory)]
    expect(await accept(book, mallorys)).toBe('accepted')
    for (const bytes of [bobs, await ask(invitation)])
      expect(await accept(book, bytes)).toBe('used')
    for (const bytes of [mallorys, await ask(invitation, mallory)])
      expect(await accept(book, bytes)).toBe('accepted')
    expect(await accept(book, flipBit(mallorys, 100))).toBe('not-authentic')
    const entry = { id, room: 'room-42', expiresAt: NOW + HOUR, invitee: mallory.identity }
    expect(await book.list({ now: NOW })).toEqual([{ ...entry, state: 'accepted' }])
    expect(await book.list({ now: NOW + HOUR })).toEqual([{ ...entry, state: 'expired' }])
  })

  test('[E24] revoked: never accepted', async () => {
    const book = openBook()
    const { id, invitation } = await invite(book)
    const bytes = await ask(invitation)
    expect(await book.revoke(id, { now: NOW })).toBe(true)
    expect(await book.revoke(id, { now: NOW })).toBe(false)
    expect(await accept(book, bytes)).toBe('revoked')
    expect(await book.revoke('nobody', { now: NOW })).toBe(false)
    expect((await book.list({ now: NOW }))[0]?.state).toBe('revoked')
  })

  test('[E24] expired: at the very millisecond, and for good once forgotten', async () => {
    const book = openBook()
    const { id, invitation } = await invite(book)
    const bytes = await ask(invitation)
    expect(await accept(book, bytes, NOW + HOUR)).toBe('expired')
    expect((await book.list({ now: NOW + HOUR }))[0]?.state).toBe('expired')
    expect(await book.revoke(id, { now: NOW + HOUR })).toBe(false)
    await book.create({ room: 'r', expiresAt: NOW + 2 * HOUR, now: NOW + HOUR })
    expect(await book.list({ now: NOW + HOUR })).toHaveLength(1)
    expect(await accept(book, bytes, NOW + HOUR)).toBe('expired')
    expect(await accept(book, bytes, NOW)).toBe('unknown')
    const good = await invite(book)
    expect(await accept(book, await ask(good.invitation), NOW + HOUR - 1)).toBe('accepted')
    const long = await book.create({ room: 'r', expiresAt: NOW + 9 * HOUR, now: NOW })
    const late = await requestInvitation(long.invitation, { keys: bob, now: NOW })
    if (late.type !== 'request') throw new Error('expected a request')
    expect(await accept(book, late.bytes, NOW + 8 * HOUR)).toBe('accepted')
    expect(await book.list({ now: NOW })).toHaveLength(1)
  })

  test('[E23] another room than the caller names is refused, and stays open', async () => {
    const book = openBook()
    const { invitation } = await invite(book)
    const bytes = await ask(invitation)
    expect(await accept(book, bytes, NOW, 'room-43')).toBe('other-room')
    expect(await accept(book, bytes, NOW, 'room-42')).toBe('accepted')
  })

  test('[E24] the key of a revoked invitation is gone from the record', async () => {
    const storage = new TestStorage()
    const book = openBook(storage)
    const { id } = await invite(book)
    const before = storage.stored?.bytes ?? new Uint8Array()
    const key = bytesToHex(before.subarray(20, 52))
    expect(await book.revoke(id, { now: NOW })).toBe(true)
    const after = bytesToHex(storage.stored?.bytes ?? new Uint8Array())
    expect(after).not.toContain(key)
    expect(after).toContain('00'.repeat(32))
    expect((await book.list({ now: NOW }))[0]?.id).toBe(id)
  })
})
