import {
  choosePrekey,
  decodeSealedKeyHeader,
  importExchangeKeys,
  InvitationBook,
  MAX_PREKEY_MS,
  MAX_PREKEY_OFFERS,
  openInvitationAnswer,
  PrekeyBook,
  requestInvitation,
  SeenKeys,
} from '@conclave/e2ee/exchange'
import type { SeenGuard } from '@conclave/e2ee/exchange'
import { describe, expect, test, vi } from 'vitest'
import { flipBit, rootOf } from '../fixtures.ts'
import {
  alice,
  bob,
  choose,
  HOUR,
  mallory,
  NOW,
  open,
  openBook,
  outcome,
  seal,
  sealTo,
  times,
} from './prekey-fixtures.ts'

const one = async (book: PrekeyBook): Promise<Uint8Array<ArrayBuffer>> => {
  const [bytes = rootOf(0)] = await book.createOneTime({ count: 1, ...times })
  return bytes
}

describe('prekeys', () => {
  test('[E17] every changed bit, and every cut, is refused', async () => {
    const bytes = await one(openBook())
    const options = { of: bob.identity, now: NOW, whenNone: 'last-resort' } as const
    const refused = { type: 'refused', reason: 'no-prekey' }
    for (let index = 0; index < bytes.length * 8; index += 1) {
      const changed = flipBit(bytes, index >> 3, index & 7)
      expect(await choosePrekey([changed], options), `${index}`).toEqual(refused)
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(await choosePrekey([bytes.subarray(0, length)], options)).toEqual(refused)
    }
    for (const wrong of [undefined, null, 7, 'x', {}, [...bytes], new Uint16Array(124)]) {
      expect(await choosePrekey([wrong], options)).toEqual(refused)
    }
    expect(await choosePrekey([bytes], options)).toMatchObject({ type: 'chosen' })
  })

  test('[E17] show the identity’s id, and no two are alike', async () => {
    const book = openBook()
    const made = await book.createOneTime({ count: 20, ...times })
    expect(new Set(made.map(String)).size).toBe(20)
    expect(made.map(({ length }) => length)).toEqual(Array.from({ length: 20 }, () => 28 + 32 + 64))
    expect(await book.remaining({ now: NOW })).toBe(20)
    expect(await book.remaining({ now: times.expiresAt })).toBe(0)
  })

  test('[E19] the caller says what happens without a one-time prekey, and the result what was used', async () => {
    const book = openBook()
    const [oneTime, last] = [await one(book), await book.createLastResort(times)]
    const ask = (offers: readonly unknown[], whenNone: 'last-resort' | 'refuse') =>
      choosePrekey(offers, { of: bob.identity, now: NOW, whenNone })
    expect(await ask([last, oneTime], 'last-resort')).toMatchObject({ prekey: { use: 'one-time' } })
    expect(await ask([last, oneTime], 'refuse')).toMatchObject({ prekey: { use: 'one-time' } })
    expect(await ask([last], 'last-resort')).toMatchObject({ prekey: { use: 'last-resort' } })
    for (const refusal of [await ask([last], 'refuse'), await ask([], 'last-resort')])
      expect(refusal).toEqual({ type: 'refused', reason: 'no-prekey' })
    expect(await open(await sealTo(oneTime), book)).toBe('one-time-prekey')
    expect(await open(await sealTo(last), book)).toBe('last-resort-prekey')
    expect(await open(await seal(), book)).toBe('identity')
  })

  test('[E19] a sender seals once to a one-time prekey, to its owner, and not for longer', async () => {
    const book = openBook()
    const prekey = await choose([await one(book)])
    await expect(seal({ prekey, to: mallory.identity })).rejects.toThrow('"prekey" expected one of')
    const late = seal({ prekey, expiresAt: times.expiresAt + 1 })
    await expect(late).rejects.toThrow('"expiresAt" expected at most')
    await seal({ prekey, expiresAt: times.expiresAt })
    await expect(seal({ prekey })).rejects.toThrow('"prekey" expected one that was not used')
    const last = await choose([await book.createLastResort(times)], 'last-resort')
    for (let count = 0; count < 3; count += 1) {
      expect(await open(await seal({ prekey: last }), book)).toBe('last-resort-prekey')
    }
  })

  test('[E19] a directory cannot slip in another prekey, nor make a sender read without end', async () => {
    const [theirs] = await new PrekeyBook({ keys: mallory, storage: 'none' }).createOneTime({
      count: 1,
      ...times,
    })
    const own = await one(openBook())
    expect((await choose([theirs, own])).expiresAt).toBe(times.expiresAt)
    await expect(choose([theirs])).rejects.toThrow('no-prekey')
    const many = Array.from({ length: MAX_PREKEY_OFFERS }, () => theirs)
    await expect(choose([...many, own])).rejects.toThrow('no-prekey')
    expect((await choose([...many.slice(1), own])).use).toBe('one-time')
  })

  test('[E11] the header names the prekey, and hides nothing else less', async () => {
    const bytes = await sealTo(await one(openBook()))
    expect(decodeSealedKeyHeader(bytes)?.prekeyId).toMatch(/^[\w-]{22}$/)
    expect(decodeSealedKeyHeader(await seal())).not.toHaveProperty('prekeyId')
  })

  test('[E15] a forged key, and one under another name, uses up no prekey', async () => {
    const book = openBook()
    const offer = await one(book)
    const bytes = await sealTo(offer)
    expect(await open(await sealTo(offer, { from: mallory }), book)).toBe('not-authentic')
    expect(await open(flipBit(bytes, bytes.length - 1), book)).toBe('not-authentic')
    expect(await open(bytes, book, { room: 'room-43' })).toBe('not-authentic')
    expect(await open(bytes, book, { keyId: 'another' })).toBe('not-authentic')
    expect(await open(bytes, book, { now: NOW + HOUR })).toBe('expired')
    expect(await book.remaining({ now: NOW })).toBe(1)
    expect(await open(bytes, book)).toBe('one-time-prekey')
    expect(await book.remaining({ now: NOW })).toBe(0)
  })

  test('[E15, E16] a one-time prekey needs no guard, a last resort does', async () => {
    const book = openBook()
    const seen = { admit: vi.fn<SeenGuard['admit']>(async () => undefined) }
    expect(await open(await sealTo(await one(book)), book, { seen })).toBe('one-time-prekey')
    expect(seen.admit).not.toHaveBeenCalled()
    const last = await sealTo(await book.createLastResort(times))
    expect(await open(last, book)).toBe('last-resort-prekey')
    const guard = new SeenKeys({ storage: 'none' })
    expect(await open(last, book, { seen: guard })).toBe('last-resort-prekey')
    expect(await open(last, book, { seen: guard })).toBe('replay')
  })

  test('[E18] without the book, and at another book, it is unknown', async () => {
    const bytes = await sealTo(await one(openBook()))
    expect(await open(bytes, undefined)).toBe('unknown-prekey')
    expect(await open(bytes, openBook())).toBe('unknown-prekey')
  })

  test('[E26] the answer to an invitation may be sealed to a prekey', async () => {
    const invitations = new InvitationBook({ keys: alice, storage: 'none' })
    const { invitation } = await invitations.create({ room: 'r', expiresAt: NOW + HOUR, now: NOW })
    const request = await requestInvitation(invitation, { keys: bob, now: NOW })
    if (request.type !== 'request') throw new Error('expected a request')
    const accepted = await invitations.accept(request.bytes, { now: NOW })
    if (accepted.type !== 'accepted') throw new Error('expected to be accepted')
    const answering = { invitation: accepted.invitation, now: NOW, expiresAt: NOW + HOUR }
    const prekeys = openBook()
    const prekey = await choose([await one(prekeys)])
    const answered = await invitations.answer(rootOf(7), { ...answering, prekey })
    const answer = answered.type === 'answered' ? answered.answer : undefined
    const opening = { invitation, to: bob, now: NOW, prekeys }
    expect(outcome(await openInvitationAnswer(answer, opening))).toBe('one-time-prekey')
    expect(outcome(await openInvitationAnswer(answer, opening))).toBe('used-prekey')
  })

  test('[E27] arguments of the caller’s own are TypeErrors and RangeErrors that name them', async () => {
    const book = openBook()
    const bytes = await one(book)
    expect(() => new PrekeyBook({ keys: {} } as never)).toThrow(/^"keys"/)
    expect(() => new PrekeyBook({ keys: bob, storage: {} } as never)).toThrow(/^"storage"/)
    expect(() => new PrekeyBook({ keys: bob } as never)).toThrow(/^"storage"/)
    for (const count of [0, 257, 1.5, '1', undefined])
      await expect(book.createOneTime({ count: count as never, ...times })).rejects.toThrow(
        /^"count"/,
      )
    for (const expiresAt of [NOW, NOW + MAX_PREKEY_MS + 1, '5', undefined])
      await expect(
        book.createLastResort({ expiresAt: expiresAt as never, now: NOW }),
      ).rejects.toThrow(/^"expiresAt"/)
    for (const now of [-1, 'x', undefined]) {
      await expect(book.remaining({ now } as never)).rejects.toThrow(/^"now"/)
      await expect(book.removeExpired({ now } as never)).rejects.toThrow(/^"now"/)
    }
    const good = { of: bob.identity, now: NOW, whenNone: 'refuse' } as const
    const ask = (change: object, offers: unknown = [bytes]) =>
      choosePrekey(offers as never, { ...good, ...change })
    await expect(ask({}, 'x')).rejects.toThrow(/^"offers"/)
    await expect(ask({ of: {} })).rejects.toThrow(/^"of/)
    await expect(ask({ now: NaN })).rejects.toThrow(/^"now"/)
    await expect(ask({ whenNone: 'maybe' })).rejects.toThrow(/^"whenNone"/)
    await expect(ask({ kem: 'x' })).rejects.toThrow(/^"kem"/)
    expect(() => new PrekeyBook({ keys: bob, kem: {} } as never)).toThrow(/^"kem"/)
    await expect(seal({ prekey: {} as never })).rejects.toThrow(/^"prekey" expected Prekey/)
    await expect(open(await seal(), {} as never)).rejects.toThrow(/^"prekeys" expected PrekeyBook/)
    const closed = await importExchangeKeys(rootOf(2))
    const theirs = new PrekeyBook({ keys: closed, storage: 'none' })
    closed.close()
    await expect(theirs.createLastResort(times)).rejects.toMatchObject({ code: 'ERR_E2EE_CLOSED' })
  })
})
