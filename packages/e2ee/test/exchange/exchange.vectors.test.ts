import {
  choosePrekey,
  encodeIdentity,
  encodeInvitation,
  identityId,
  importExchangeKeys,
  InvitationBook,
  openKey,
  parseIdentity,
  parseInvitation,
  PrekeyBook,
  safetyNumber,
} from '@conclave/e2ee/exchange'
import type { ExchangeIdentity } from '@conclave/e2ee/exchange'
import { encodeBase64Url } from '@conclave/base'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/exchange.json' with { type: 'json' }
import { bytesToIdentity } from '../../src/exchange/exchange-identity.ts'
import { deriveInvitationKeys } from '../../src/exchange/invitation.ts'
import { TestStorage } from '../test-storage.ts'
import { bytesToHex, hexToBytes } from '../fixtures.ts'

const personOf = (name: string) => {
  const person = vectors.identities.find((each) => each.name === name)
  if (person === undefined) throw new Error(`nobody is called ${name}`)
  return person
}
const keysOf = (name: string) => importExchangeKeys(hexToBytes(personOf(name).secret))
function identityOf(name: string): ExchangeIdentity {
  const identity = bytesToIdentity(hexToBytes(personOf(name).identity))
  if (identity === undefined) throw new Error('expected an identity')
  return identity
}

describe('identities', () => {
  test.each(vectors.identities)('[E1, E2, E5] $name', async ({ name, id, link, qr }) => {
    const { identity } = await keysOf(name)
    expect(identity).toEqual(identityOf(name))
    expect(await identityId(identity)).toBe(id)
    expect(encodeIdentity(identity, 'link')).toBe(link)
    expect(encodeIdentity(identity, 'qr')).toBe(qr)
    for (const text of [link, qr]) expect(parseIdentity(text)).toEqual(identity)
  })

  test.each(vectors.safetyNumbers)('[E6] $one and $other', async ({ one, other, digits }) => {
    expect(await safetyNumber(identityOf(one), identityOf(other))).toBe(digits)
  })

  test.each(vectors.texts)('[E4, E5] no text: $why', ({ text }) => {
    expect(parseIdentity(text)).toBeUndefined()
    expect(parseInvitation(text)).toBeUndefined()
  })
})

test.each(vectors.sealedKeys)('[E11, E12, E13, E15] sealed key: $why', async (vector) => {
  const { to, from, room, purpose, now, reason } = vector
  const opened = await openKey(hexToBytes(vector.bytes), {
    ...{ to: await keysOf(to), from: identityOf(from), room, purpose, now, seen: 'none' },
  })
  const { keyId, epoch = '', key = '' } = vector
  expect(opened).toMatchObject(
    reason === null
      ? { type: 'opened', keyId, epoch: BigInt(epoch), key: hexToBytes(key) }
      : { type: 'dropped', reason },
  )
})

test.each(vectors.prekeys)('[E17, E19] prekeys: $why', async (vector) => {
  const { now, whenNone, chosen } = vector
  const choice = await choosePrekey(vector.offers.map(hexToBytes), {
    ...{ of: identityOf(vector.of), now, whenNone: whenNone as 'last-resort' },
  })
  const owner = hexToBytes(personOf(vector.of).identity)
  const target = choice.type === 'chosen' ? choice.prekey.take(owner, now) : undefined
  expect(target ? encodeBase64Url(target.prekeyId) : null).toBe(chosen)
})

test.each(vectors.sealedToPrekeys)('[E11, E15, E18] to a prekey: $why', async (vector) => {
  const storage = new TestStorage()
  await storage.write(hexToBytes(vector.record), undefined)
  const { to, from, room, purpose, now, reason, sealedTo, key = '' } = vector
  const options = { to: await keysOf(to), from: identityOf(from), room, purpose, now }
  const prekeys = new PrekeyBook({ keys: options.to, storage })
  const open = () => openKey(hexToBytes(vector.bytes), { ...options, prekeys, seen: 'none' })
  expect(await open()).toMatchObject(
    reason === null
      ? { type: 'opened', key: hexToBytes(key), sealedTo }
      : { type: 'dropped', reason },
  )
  const isUsed = sealedTo === 'one-time-prekey'
  expect(storage.writes).toBe(isUsed ? 2 : 1)
  const seed = vector.record.slice(44, 108)
  const after = bytesToHex(storage.stored?.bytes ?? new Uint8Array())
  expect(isUsed ? !after.includes(seed) : after === vector.record).toBe(true)
})

test.each(vectors.invitations)('[E20, E21] an invitation to $room', async (vector) => {
  for (const text of [vector.link, vector.qr]) {
    const invitation = parseInvitation(text)
    if (invitation === undefined) throw new Error('expected an invitation')
    expect(invitation).toMatchObject({ room: vector.room, expiresAt: vector.expiresAt })
    expect(invitation.inviter).toEqual(identityOf(vector.inviter))
    expect(bytesToHex(invitation.unsafeExport())).toBe(vector.secret)
    expect(encodeInvitation(invitation, 'link')).toBe(vector.link)
    expect(encodeInvitation(invitation, 'qr')).toBe(vector.qr)
    const { id, requestKey } = await deriveInvitationKeys(invitation.unsafeExport())
    expect([id, bytesToHex(requestKey)]).toEqual([vector.id, vector.requestKey])
  }
})

test.each(vectors.requests)('[E22, E23, E25] a request: $why', async (vector) => {
  const storage = new TestStorage()
  await storage.write(hexToBytes(vector.record), undefined)
  const book = new InvitationBook({ keys: await keysOf(vector.inviter), storage })
  const { now, room } = vector
  const answer = await book.accept(hexToBytes(vector.bytes), {
    ...{ now, ...(room !== undefined && { room }) },
  })
  const { reason, answer: stored } = vector
  const outcome = { room: 'room-42', invitee: identityOf(vector.invitee) }
  const expected = stored
    ? { type: 'answered', ...outcome, answer: hexToBytes(stored) }
    : { type: 'accepted', ...outcome }
  expect(answer).toMatchObject(reason === null ? expected : { type: 'refused', reason })
})
