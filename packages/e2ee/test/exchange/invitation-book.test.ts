import {
  identityId,
  InvitationBook,
  MAX_INVITATIONS,
  openInvitationAnswer,
  openKey,
  decodeSealedKeyHeader,
  requestInvitation,
  sealInvitationAnswer,
} from '@conclave/e2ee/exchange'
import { describe, expect, test } from 'vitest'
import { TestStorage } from './fixtures.ts'
import { failureOf, flipBit, rootOf } from '../fixtures.ts'
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

describe('books', () => {
  test('[E25] of a hundred requests in two pages one is accepted', async () => {
    const storage = new TestStorage()
    const pages = [openBook(storage), openBook(storage)]
    const { invitation } = await invite(openBook(storage))
    const requests = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask(invitation, index % 3 ? bob : mallory)),
    )
    const answers = await Promise.all(
      requests.map((bytes, index) => accept(pages[index % 2] ?? openBook(), bytes)),
    )
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'used')).toHaveLength(99)
    expect(await accept(openBook(storage), await ask(invitation))).toBe('used')
  })

  test('[E25] a request that could not be stored was not accepted', async () => {
    const storage = new TestStorage()
    const book = openBook(storage)
    const { id, invitation } = await invite(book)
    const bytes = await ask(invitation)
    storage.fails = true
    await expect(book.accept(bytes, { now: NOW })).rejects.toMatchObject({
      cause: { message: 'disk full' },
    })
    await expect(book.revoke(id, { now: NOW })).rejects.toMatchObject({
      cause: { message: 'disk full' },
    })
    await expect(invite(book)).rejects.toMatchObject({ cause: { message: 'disk full' } })
    storage.fails = false
    expect(await accept(book, bytes)).toBe('accepted')
  })

  test('[E25] a storage that keeps changing, or holds other bytes, is an error with its code', async () => {
    const changing = new TestStorage()
    changing.write = async () => undefined
    const failure = await failureOf(invite(openBook(changing)))
    expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'conflict' }])
    const good = new TestStorage()
    await invite(openBook(good))
    const bytes = good.stored?.bytes ?? new Uint8Array()
    const wrong = [
      ...[new Uint8Array(), bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)],
      ...[flipBit(bytes, 0), flipBit(bytes, 2, 1), flipBit(bytes, 3, 2), flipBit(bytes, 52, 7)],
      Uint8Array.of(1, 0, 2, ...bytes.subarray(3), ...bytes.subarray(3)),
    ]
    for (const record of [...wrong, undefined, null, 'x', {}, new Uint16Array(3)]) {
      const damaged = new TestStorage()
      damaged.read = async () => ({ bytes: record as never, version: '1' })
      const error = await failureOf(openBook(damaged).list({ now: NOW }))
      expect([error.code, error.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'damaged' }])
    }
  })

  test('[E25] invitations are bounded; expired ones are removed', async () => {
    const book = openBook()
    for (let index = 0; index < MAX_INVITATIONS; index += 1) await invite(book)
    const failure = await failureOf(invite(book))
    expect([failure.code, failure.details]).toEqual([
      'ERR_E2EE_TOO_MANY_INVITATIONS',
      { maxInvitations: MAX_INVITATIONS },
    ])
    await book.create({ room: 'r', expiresAt: NOW + 2 * HOUR, now: NOW + HOUR })
    expect(await book.list({ now: NOW + HOUR })).toHaveLength(1)
  })

  test('[E26] the answer opens only for its invitation and its invitee', async () => {
    const book = openBook()
    const [one, other] = [await invite(book), await invite(book)]
    const accepted = await book.accept(await ask(one.invitation), { now: NOW })
    if (accepted.type !== 'accepted') throw new Error('expected to be accepted')
    const answer = await sealInvitationAnswer(rootOf(7), {
      ...{ from: alice, accepted, expiresAt: NOW + HOUR },
    })
    expect(decodeSealedKeyHeader(answer)?.to).toBe(await identityId(bob.identity))
    const open = async (change: object): Promise<string> => {
      const options = { invitation: one.invitation, to: bob, now: NOW, ...change }
      const opened = await openInvitationAnswer(answer, options)
      return opened.type === 'opened' ? 'opened' : opened.reason
    }
    expect(await open({})).toBe('opened')
    expect(await open({ invitation: other.invitation })).toBe('not-authentic')
    expect(await open({ to: mallory })).toBe('not-authentic')
    expect(await open({ now: NOW + HOUR })).toBe('expired')
    const plain = { to: bob, from: alice.identity, room: 'room-42', now: NOW }
    expect(await openKey(answer, plain)).toMatchObject({ reason: 'not-authentic' })
    const forged = await sealInvitationAnswer(rootOf(7), {
      ...{ from: mallory, accepted, expiresAt: NOW + HOUR },
    })
    const options = { invitation: one.invitation, to: bob, now: NOW }
    expect(await openInvitationAnswer(forged, options)).toMatchObject({ reason: 'not-authentic' })
    for (const wrong of [undefined, null, 'x', new Uint8Array(3)])
      expect(await openInvitationAnswer(wrong, options)).toMatchObject({ reason: 'malformed' })
  })

  test('[E27] arguments of the caller’s own are TypeErrors and RangeErrors that name them', async () => {
    const book = openBook()
    const { invitation } = await invite(book)
    const bytes = await ask(invitation)
    expect(() => new InvitationBook({ keys: {} } as never)).toThrow(/^"keys"/)
    expect(() => new InvitationBook({ keys: alice, storage: {} } as never)).toThrow(/^"storage"/)
    await expect(book.accept(bytes, { now: 'x' } as never)).rejects.toThrow(/^"now"/)
    await expect(book.accept(bytes, { now: NOW, room: 7 } as never)).rejects.toThrow(/^"room"/)
    await expect(requestInvitation({} as never, { keys: bob, now: NOW })).rejects.toThrow(
      /^"invitation"/,
    )
    await expect(requestInvitation(invitation, { keys: {}, now: NOW } as never)).rejects.toThrow(
      /^"keys"/,
    )
    await expect(requestInvitation(invitation, { keys: bob, now: -1 })).rejects.toThrow(/^"now"/)
    await expect(sealInvitationAnswer(rootOf(1), {} as never)).rejects.toThrow(/^"accepted"/)
    await expect(openInvitationAnswer(bytes, {} as never)).rejects.toThrow(/^"invitation"/)
    await expect(book.list({ now: NaN })).rejects.toThrow(/^"now"/)
  })
})
