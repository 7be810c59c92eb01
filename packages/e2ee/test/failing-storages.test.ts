/** Every function that takes a storage, over storages that fail. spec K44 */
import type { RecordStorage } from '@conclave/base'
import {
  deriveLinkKeys,
  EventCounter,
  generateAesGcmKey,
  generateLinkSecret,
  openEvent,
  ReplayGuard,
  sealEvent,
} from '@conclave/e2ee'
import {
  choosePrekey,
  generateExchangeKeys,
  InvitationBook,
  openKey,
  PrekeyBook,
  requestInvitation,
  sealKey,
  SeenKeys,
} from '@conclave/e2ee/exchange'
import { ensurePersonKeys } from '@conclave/e2ee/session'
import { describe, expect, test } from 'vitest'
import { failureOf, rootOf } from './fixtures.ts'

const now = 1e12
const times = { now, expiresAt: now + 1000 }
const chat = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
const key = await generateAesGcmKey()
const counter = new EventCounter({ now })
const envelope = await sealEvent(1, key, { ...chat, sender: 'alice', counter })
const [alice, bob] = [await generateExchangeKeys(), await generateExchangeKeys()]
const place = { room: 'r', purpose: 'p' }
const sealing = { from: alice, to: bob.identity, ...place, expiresAt: times.expiresAt }
const sealed = await sealKey(rootOf(1), sealing)
const { room } = await deriveLinkKeys(generateLinkSecret())
const { invitation } = await new InvitationBook({ keys: alice, storage: 'none' }).create({
  room: 'r',
  ...times,
})
const request = await requestInvitation(invitation, { keys: bob, now })
const bytes = request.type === 'request' ? request.bytes : rootOf(1)

const offers = await new PrekeyBook({ keys: bob, storage: 'none' }).createOneTime({
  count: 1,
  ...times,
})
const asked = { of: bob.identity, now, whenNone: 'refuse' } as const
const choice = await choosePrekey(offers, asked)
if (choice.type !== 'chosen') throw new Error(choice.reason)
const sealedToPrekey = await sealKey(rootOf(1), { ...sealing, prekey: choice.prekey })

const prekeys = (storage: RecordStorage): PrekeyBook => new PrekeyBook({ keys: bob, storage })
const book = (storage: RecordStorage): InvitationBook =>
  new InvitationBook({ keys: alice, storage })
/** By name: the call, and whether it writes. */
const calls: Readonly<Record<string, readonly [(storage: RecordStorage) => unknown, boolean]>> = {
  openEvent: [
    (storage) => openEvent(envelope, key, { ...chat, replay: new ReplayGuard({ storage }) }),
    true,
  ],
  openKey: [
    (storage) => {
      const seen = new SeenKeys({ storage })
      return openKey(sealed, { to: bob, from: alice.identity, ...place, now, seen })
    },
    true,
  ],
  'PrekeyBook.createOneTime': [
    (storage) => prekeys(storage).createOneTime({ count: 1, ...times }),
    true,
  ],
  'PrekeyBook.createLastResort': [(storage) => prekeys(storage).createLastResort(times), true],
  'PrekeyBook.remaining': [(storage) => prekeys(storage).remaining({ now }), false],
  'PrekeyBook.removeExpired': [(storage) => prekeys(storage).removeExpired({ now }), false],
  'openKey with prekeys': [
    (storage) => {
      const opening = { to: bob, from: alice.identity, ...place, now, seen: 'none' } as const
      return openKey(sealedToPrekey, { ...opening, prekeys: prekeys(storage) })
    },
    false,
  ],
  'InvitationBook.create': [(storage) => book(storage).create({ room: 'r', ...times }), true],
  'InvitationBook.accept': [(storage) => book(storage).accept(bytes, { now }), false],
  'InvitationBook.answer': [
    (storage) => book(storage).answer(rootOf(1), { invitation: 'x'.repeat(22), ...times }),
    false,
  ],
  'InvitationBook.revoke': [(storage) => book(storage).revoke('x', { now }), false],
  'InvitationBook.list': [(storage) => book(storage).list({ now }), false],
  ensurePersonKeys: [
    ({ read, write }) =>
      ensurePersonKeys(room, {
        storage: { read, add: async () => (await write(rootOf(1), undefined)) !== undefined },
      }),
    true,
  ],
}

const cause = new DOMException('no space is left', 'QuotaExceededError')
const fail = (): never => {
  throw cause
}
const good = { read: async () => undefined, write: async () => 'x' }
/** Has the record of a guard that remembers nothing, so that a change is added to it. */
const empty = {
  ...good,
  read: async () => ({ bytes: Uint8Array.of(2, ...new Uint8Array(10)), version: 'x' }),
}
const storages: Readonly<Record<string, RecordStorage>> = {
  'rejects a read': { ...good, read: () => Promise.reject(cause) },
  'throws at a read': { ...good, read: fail },
  'rejects a write': { ...good, write: () => Promise.reject(cause) },
  'throws at a write': { ...good, write: fail },
  'rejects an addition': { ...empty, append: () => Promise.reject(cause) },
  'throws at an addition': { ...empty, append: fail },
}
/** The calls that add to a record. */
const ADDING = ['openEvent', 'openKey']

describe.each(Object.entries(storages))('a storage that %s', (fault, storage) => {
  const reached = Object.entries(calls).filter(([name, [, writes]]) =>
    /addition/.test(fault) ? ADDING.includes(name) : writes || /read/.test(fault),
  )

  test.each(reached)('[K44] ends %s with ERR_E2EE_STORAGE', async (_, [call]) => {
    const failure = await failureOf(Promise.resolve(call(storage)))
    expect([failure.code, failure.details, failure.cause]).toEqual([
      'ERR_E2EE_STORAGE',
      { reason: 'failed' },
      cause,
    ])
  })
})
