import { choosePrekey, openKey, PrekeyBook, sealKey } from '@conclave/e2ee/exchange'
import { X_WING } from '@conclave/e2ee/exchange-hybrid'
import { expect, test } from 'vitest'
import { failureOf, flipBit, rootOf } from '../fixtures.ts'
import { TestStorage } from '../test-storage.ts'
import { alice, bob, HOUR, NOW, open, openBook, times } from './prekey-fixtures.ts'

const asked = { of: bob.identity, now: NOW, whenNone: 'last-resort' } as const
const PLACE = { room: 'room-42', purpose: 'room key' } as const
const hybridBook = (storage = new TestStorage()): PrekeyBook =>
  new PrekeyBook({ keys: bob, storage, kem: X_WING })

async function sealTo(offer: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const choice = await choosePrekey([offer], { ...asked, kem: X_WING })
  if (choice.type !== 'chosen') throw new Error(choice.reason)
  const { prekey } = choice
  const place = { from: alice, to: bob.identity, ...PLACE, expiresAt: NOW + HOUR }
  return sealKey(rootOf(9), { ...place, prekey })
}

test('[E28] a key reaches its receiver by either use of a prekey, and a one-time prekey opens one', async () => {
  const book = hybridBook()
  const [offer = rootOf(0)] = await book.createOneTime({ count: 1, ...times })
  const last = await book.createLastResort(times)
  expect([offer.length, last.length]).toEqual([28 + 1216 + 64, 28 + 1216 + 64])
  const bytes = await sealTo(offer)
  expect(bytes.length).toBe(74 + 1120 + 64 + 9 + 32 + 16)
  const given = { to: bob, from: alice.identity, ...PLACE, now: NOW, seen: 'none' } as const
  expect(await openKey(bytes, { ...given, prekeys: book })).toMatchObject({
    key: rootOf(9),
    type: 'opened',
  })
  expect(await open(bytes, book)).toBe('used-prekey')
  expect(await open(await sealTo(last), book)).toBe('last-resort-prekey')
})

test('[E28] a changed byte of either part opens nothing, and uses up no prekey', async () => {
  const book = hybridBook()
  const [offer = rootOf(0)] = await book.createOneTime({ count: 1, ...times })
  const bytes = await sealTo(offer)
  for (const at of [74, 600, 74 + 1087, 74 + 1088, 74 + 1119, 74 + 1120, bytes.length - 1]) {
    expect(await open(flipBit(bytes, at), book), `${at}`).toBe('not-authentic')
  }
  for (const length of [1000, 74 + 1120 + 79])
    expect(await open(bytes.subarray(0, length), book)).toBe('not-authentic')
  expect(await open(bytes, book)).toBe('one-time-prekey')
})

test('[E28] the kinds do not mix: another kind is no offer, and another kind’s record no book', async () => {
  const storage = new TestStorage()
  const [hybrid] = await hybridBook(storage).createOneTime({ count: 1, ...times })
  const [classic] = await openBook().createOneTime({ count: 1, ...times })
  const refused = { type: 'refused', reason: 'no-prekey' }
  expect(await choosePrekey([hybrid], asked)).toEqual(refused)
  expect(await choosePrekey([classic], { ...asked, kem: X_WING })).toEqual(refused)
  const failure = await failureOf(openBook(storage).remaining({ now: NOW }))
  expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'damaged' }])
})
