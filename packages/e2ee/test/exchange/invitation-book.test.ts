import { concatBytes } from '@conclave/base'
import {
  identityId,
  InvitationBook,
  MAX_INVITATIONS,
  openInvitationAnswer,
  openKey,
  decodeSealedKeyHeader,
  requestInvitation,
  sealKey,
} from '@conclave/e2ee/exchange'
import { describe, expect, test } from 'vitest'
import { TestStorage } from '../test-storage.ts'
import { bytesToHex, failureOf, flipBit, rootOf } from '../fixtures.ts'
import {
  NOW,
  HOUR,
  openBook,
  invite,
  ask,
  accept,
  answer,
  alice,
  bob,
  mallory,
} from './invitation-fixtures.ts'

describe('books', () => {
  test('[E25] of a hundred requests in two pages those of one invitee are accepted', async () => {
    const storage = new TestStorage()
    const pages = [openBook(storage), openBook(storage)]
    const { invitation } = await invite(openBook(storage))
    const requests = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask(invitation, index % 2 ? bob : mallory)),
    )
    const answers = await Promise.all(
      requests.map((bytes, index) => accept(pages[index % 3 ? 1 : 0] ?? openBook(), bytes)),
    )
    const [mallorys, bobs] = [0, 1].map((rest) => answers.filter((_, index) => index % 2 === rest))
    const expected = [answers[0], answers[1]]
    expect(['accepted,used', 'used,accepted']).toContain(expected.join())
    expect(new Set(mallorys)).toEqual(new Set([expected[0]]))
    expect(new Set(bobs)).toEqual(new Set([expected[1]]))
    expect(await accept(openBook(storage), await ask(invitation))).toBe(expected[1])
  })

  test('[E23, E25] a page that ends after accepting, or after answering, loses nothing', async () => {
    const storage = new TestStorage()
    const { id, invitation } = await invite(openBook(storage))
    expect(await accept(openBook(storage), await ask(invitation))).toBe('accepted')
    // The page is gone. The next one sees who waits, and Bob may ask again in between.
    const entry = { id, room: 'room-42', expiresAt: NOW + HOUR, invitee: bob.identity }
    const next = openBook(storage)
    expect(await next.list({ now: NOW })).toEqual([{ ...entry, state: 'accepted' }])
    expect(await accept(next, await ask(invitation))).toBe('accepted')
    const answered = await answer(next, id)
    if (answered.type !== 'answered') throw new Error(answered.reason)
    // The answer was stored and not sent.
    const last = openBook(storage)
    expect(await last.list({ now: NOW })).toEqual([{ ...entry, state: 'answered' }])
    const again = await last.accept(await ask(invitation), { now: NOW })
    expect(again).toEqual(answered)
    const opened = await openInvitationAnswer(answered.answer, { invitation, to: bob, now: NOW })
    expect(opened).toMatchObject({ type: 'opened', key: rootOf(7) })
  })

  test('[E25] an invitee who asks again, or is answered again, gets no later key', async () => {
    const book = openBook()
    const { id, invitation } = await invite(book)
    await accept(book, await ask(invitation))
    const first = await answer(book, id, rootOf(7))
    // The room has another key by now.
    expect(await answer(book, id, rootOf(8))).toEqual(first)
    expect(await book.accept(await ask(invitation), { now: NOW })).toEqual(first)
    for (const stranger of [mallory, alice]) {
      expect(await accept(book, await ask(invitation, stranger))).toBe('used')
    }
  })

  test('[E25, E26] of answers in two pages at once one is stored, and both give it', async () => {
    const storage = new TestStorage()
    const pages = [openBook(storage), openBook(storage)]
    const { id, invitation } = await invite(openBook(storage))
    await accept(openBook(storage), await ask(invitation))
    const given = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        answer(pages[index % 2] ?? openBook(), id, rootOf(index + 1)),
      ),
    )
    expect(new Set(given.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(given[0]?.type).toBe('answered')
  })

  test('[E24, E26] nothing is answered before somebody was accepted, nor after the end', async () => {
    const book = openBook()
    const refused = (reason: string) => ({ type: 'refused', reason })
    const { id, invitation } = await invite(book)
    expect(await answer(book, 'A'.repeat(22))).toEqual(refused('unknown'))
    expect(await answer(book, id)).toEqual(refused('not-accepted'))
    const bytes = await ask(invitation)
    await accept(book, bytes)
    const late = { invitation: id, now: NOW + HOUR, expiresAt: NOW + 2 * HOUR }
    expect(await book.answer(rootOf(7), late)).toEqual(refused('expired'))
    expect(await book.revoke(id, { now: NOW })).toBe(true)
    expect(await answer(book, id)).toEqual(refused('revoked'))
    expect(await accept(book, bytes)).toBe('revoked')
  })

  test('[E24] an answer that is revoked is never given again, and is gone from the record', async () => {
    const storage = new TestStorage()
    const book = openBook(storage)
    const { id, invitation } = await invite(book)
    const bytes = await ask(invitation)
    const key = bytesToHex((storage.stored?.bytes ?? rootOf(0)).subarray(20, 52))
    await accept(book, bytes)
    const answered = await answer(book, id)
    if (answered.type !== 'answered') throw new Error(answered.reason)
    const record = () => bytesToHex(storage.stored?.bytes ?? rootOf(0))
    expect(record()).toContain(bytesToHex(answered.answer))
    expect(await book.revoke(id, { now: NOW })).toBe(true)
    for (const gone of [bytesToHex(answered.answer), key, bytesToHex(bob.identity.signingKey)])
      expect(record()).not.toContain(gone)
    expect(await accept(book, bytes)).toBe('revoked')
  })

  test('[E25] an answer that could not be stored was not given', async () => {
    const storage = new TestStorage()
    const book = openBook(storage)
    const { id, invitation } = await invite(book)
    await accept(book, await ask(invitation))
    storage.fails = true
    const failure = await failureOf(answer(book, id, rootOf(7)))
    expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'failed' }])
    storage.fails = false
    const answered = await answer(book, id, rootOf(8))
    if (answered.type !== 'answered') throw new Error(answered.reason)
    const opened = await openInvitationAnswer(answered.answer, { invitation, to: bob, now: NOW })
    expect(opened).toMatchObject({ type: 'opened', key: rootOf(8) })
  })

  test('[E25] the longest answers of a full book fit into its record', async () => {
    const storage = new TestStorage()
    const book = openBook(storage)
    const { id, invitation } = await invite(book, 'x'.repeat(255))
    await accept(book, await ask(invitation))
    const empty = storage.stored?.bytes.length ?? 0
    const options = { invitation: id, now: NOW, expiresAt: NOW + HOUR, keyId: 'k'.repeat(255) }
    expect((await book.answer(new Uint8Array(1024), options)).type).toBe('answered')
    const entry = (storage.stored?.bytes.length ?? 0) - 3
    expect(entry - empty).toBeGreaterThan(1024)
    // With an encapsulated key of the longest kind.
    expect(3 + MAX_INVITATIONS * (entry + 1120 - 32)).toBeLessThan(2 ** 20)
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
    const inState = (state: number, ...rest: (readonly number[] | Uint8Array)[]): Uint8Array =>
      concatBytes(bytes.subarray(0, 3), [state], bytes.subarray(4), ...rest)
    const bobBytes = concatBytes(bob.identity.signingKey, bob.identity.agreementKey)
    const wrong = [
      ...[new Uint8Array(), bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)],
      ...[flipBit(bytes, 0), flipBit(bytes, 2, 1), flipBit(bytes, 3, 0), flipBit(bytes, 52, 7)],
      Uint8Array.of(2, 0, 2, ...bytes.subarray(3), ...bytes.subarray(3)),
      ...[inState(1, rootOf(5)), inState(1, new Uint8Array(64)), inState(2, bobBytes)],
      ...[inState(2, bobBytes, [0, 0]), inState(2, bobBytes, [0, 2, 7]), inState(4), inState(1)],
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
    expect(await accept(book, await ask(one.invitation))).toBe('accepted')
    const answered = await answer(book, one.id)
    if (answered.type !== 'answered') throw new Error(answered.reason)
    const bytes = answered.answer
    expect(decodeSealedKeyHeader(bytes)?.to).toBe(await identityId(bob.identity))
    const open = async (change: object): Promise<string> => {
      const options = { invitation: one.invitation, to: bob, now: NOW, ...change }
      const opened = await openInvitationAnswer(bytes, options)
      return opened.type === 'opened' ? 'opened' : opened.reason
    }
    expect(await open({})).toBe('opened')
    expect(await open({ invitation: other.invitation })).toBe('not-authentic')
    expect(await open({ to: mallory })).toBe('not-authentic')
    expect(await open({ now: NOW + HOUR })).toBe('expired')
    const plain = {
      to: bob,
      from: alice.identity,
      room: 'room-42',
      purpose: 'room key',
      now: NOW,
      seen: 'none',
    } as const
    expect(await openKey(bytes, plain)).toMatchObject({ reason: 'not-authentic' })
    const purpose = `conclave/1 invitation ${one.id}`
    const forged = await sealKey(rootOf(7), {
      ...{ from: mallory, to: bob.identity, room: 'room-42', purpose, expiresAt: NOW + HOUR },
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
    expect(() => new InvitationBook({ keys: alice } as never)).toThrow(/^"storage"/)
    await expect(book.accept(bytes, { now: 'x' } as never)).rejects.toThrow(/^"now"/)
    await expect(book.accept(bytes, { now: NOW, room: 7 } as never)).rejects.toThrow(/^"room"/)
    await expect(requestInvitation({} as never, { keys: bob, now: NOW })).rejects.toThrow(
      /^"invitation"/,
    )
    await expect(requestInvitation(invitation, { keys: {}, now: NOW } as never)).rejects.toThrow(
      /^"keys"/,
    )
    await expect(requestInvitation(invitation, { keys: bob, now: -1 })).rejects.toThrow(/^"now"/)
    const answering = { invitation: 'A'.repeat(22), now: NOW, expiresAt: NOW + HOUR }
    const answerWith = (change: object, key = rootOf(1)) =>
      book.answer(key, { ...answering, ...change } as never)
    await expect(answerWith({ invitation: 'x' })).rejects.toThrow(/^"invitation"/)
    await expect(answerWith({ now: -1 })).rejects.toThrow(/^"now"/)
    await expect(answerWith({}, new Uint8Array(1025))).rejects.toThrow(/^"key"/)
    await expect(answerWith({}, 'x' as never)).rejects.toThrow(/^"key"/)
    await expect(openInvitationAnswer(bytes, {} as never)).rejects.toThrow(/^"invitation"/)
    await expect(book.list({ now: NaN })).rejects.toThrow(/^"now"/)
  })
})
