import {
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  type ParticipantKeyGrant,
} from '@conclave/e2ee'
import {
  choosePrekey,
  generateExchangeKeys,
  openKey,
  PrekeyBook,
  SeenKeys,
  sealKey,
} from '@conclave/e2ee/exchange'
import type { ExchangeKeys } from '@conclave/e2ee/exchange'
import { expect, test } from 'vitest'
import { bytesToHex, ROOM } from '../fixtures.ts'
import { epochOf, join, openAt, say, seal } from '../parties.ts'
import type { Party } from '../parties.ts'

const now = 1_700_000_000_000
const context = { room: ROOM, purpose: 'participant key' }

interface Member extends Party {
  readonly exchange: ExchangeKeys
  readonly seen: SeenKeys
}

const enter = async (): Promise<Member> => ({
  ...join(),
  exchange: await generateExchangeKeys(),
  seen: new SeenKeys({ storage: 'none' }),
})

/** The bytes that a carrier sees. */
async function carry(from: Member, to: Member, grant: ParticipantKeyGrant) {
  const bytes = encodeParticipantKeyGrant(grant)
  const sealed = await sealKey(bytes, {
    ...{ ...context, from: from.exchange, to: to.exchange.identity, expiresAt: now + 60_000 },
  })
  expect(bytesToHex(sealed)).not.toContain(bytesToHex(grant.unsafeExport()))
  bytes.fill(0)
  grant.wipe()
  return sealed
}

/** The result at a member who expects the grant from a certain sender. */
async function arrive(at: Member, from: Member, sealed: Uint8Array): Promise<string> {
  const opened = await openKey(sealed, {
    ...{ ...context, to: at.exchange, from: from.exchange.identity, now, seen: at.seen },
  })
  if (opened.type === 'dropped') return opened.reason
  const grant = decodeParticipantKeyGrant(opened.key)
  if (grant === undefined) return 'no grant'
  const outcome = at.keys.setParticipantKey(from.id, grant)
  return outcome.type === 'refused' ? outcome.reason : outcome.type
}

test('[K29, K30, K32] grants travel sealed and signed: to the one they are for, from the one they are of, once', async () => {
  const [alice, bob, carol] = await Promise.all([enter(), enter(), enter()])
  const first = await carry(alice, bob, alice.keys.grantWithPast())
  expect(await arrive(carol, alice, first)).toBe('not-authentic')
  expect(await arrive(bob, carol, first)).toBe('not-authentic')
  expect(await arrive(bob, alice, first)).toBe('set')
  expect(await arrive(bob, alice, first)).toBe('replay')
  expect(await say(alice, bob)).toBe('opened: hi')

  const early = await seal(alice, 'before carol')
  expect(await arrive(carol, alice, await carry(alice, carol, await alice.keys.ratchet()))).toBe(
    'set',
  )
  expect(await openAt(carol, alice, early)).toBe('unknown-key')
  const both = await seal(alice, 'to both')
  for (const at of [bob, carol]) expect(await openAt(at, alice, both)).toBe('opened: to both')

  // Carol passes Alice's key off as her own: the grant says whose it is.
  const stolen = alice.keys.grantWithPast()
  expect(await arrive(bob, carol, await carry(carol, bob, stolen))).toBe('another-participant')

  const rotated = await carry(alice, bob, alice.keys.removeParticipant(carol.id))
  expect(await arrive(bob, alice, rotated)).toBe('set')
  const last = await seal(alice, 'without carol')
  expect(await openAt(bob, alice, last)).toBe('opened: without carol')
  expect(await openAt(carol, alice, last)).toBe('unknown-key')
  expect(alice.keys.epoch).toBe(epochOf(1, 2))
})

test('[K34, E18] a grant that was sealed to a one-time prekey stays closed to a thief of today’s keys', async () => {
  const [alice, bob] = await Promise.all([enter(), enter()])
  const prekeys = new PrekeyBook({ keys: bob.exchange, storage: 'none' })
  const place = { ...context, from: alice.exchange, to: bob.exchange.identity }
  const tape: Uint8Array[] = []
  const said: Uint8Array[] = []
  for (let epoch = 0; epoch < 3; epoch += 1) {
    const grant = epoch === 0 ? alice.keys.grantWithPast() : alice.keys.rotate()
    const times = { now, expiresAt: now + 60_000 }
    const offers = await prekeys.createOneTime({ count: 1, ...times })
    const asked = { of: bob.exchange.identity, now, whenNone: 'refuse' } as const
    const choice = await choosePrekey(offers, asked)
    if (choice.type !== 'chosen') throw new Error(choice.reason)
    const sealing = { ...place, prekey: choice.prekey, expiresAt: times.expiresAt }
    const sealed = await sealKey(encodeParticipantKeyGrant(grant), sealing)
    tape.push(sealed)
    const opened = await openKey(sealed, {
      ...{ ...context, to: bob.exchange, from: alice.exchange.identity, now, prekeys },
      seen: 'none',
    })
    if (opened.type !== 'opened') throw new Error(opened.reason)
    const received = decodeParticipantKeyGrant(opened.key)
    if (received === undefined) throw new Error('expected a grant')
    bob.keys.setParticipantKey(alice.id, received)
    const message = await seal(alice, 'said long ago')
    expect(await openAt(bob, alice, message)).toBe('opened: said long ago')
    said.push(message)
  }
  for (const { keys } of [alice, bob]) keys.retireEarlier()
  // The thief has Bob's exchange keys, his book and the key source of today, and all that was carried.
  for (const sealed of tape) {
    const thief = { to: bob.exchange, from: alice.exchange.identity, now, prekeys }
    const stolen = { ...thief, seen: 'none' } as const
    expect(await openKey(sealed, { ...context, ...stolen })).toMatchObject({
      reason: 'used-prekey',
    })
  }
  expect(await openAt(bob, alice, said[0] ?? new Uint8Array())).not.toMatch(/^opened/)
})
