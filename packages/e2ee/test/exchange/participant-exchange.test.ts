import {
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  type ParticipantKeyGrant,
} from '@conclave/e2ee'
import { generateExchangeKeys, openKey, SeenKeys, sealKey } from '@conclave/e2ee/exchange'
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
  seen: new SeenKeys(),
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
  const first = await carry(alice, bob, alice.keys.grant())
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
  const stolen = alice.keys.grant()
  expect(await arrive(bob, carol, await carry(carol, bob, stolen))).toBe('another-participant')

  const rotated = await carry(alice, bob, alice.keys.removeParticipant(carol.id))
  expect(await arrive(bob, alice, rotated)).toBe('set')
  const last = await seal(alice, 'without carol')
  expect(await openAt(bob, alice, last)).toBe('opened: without carol')
  expect(await openAt(carol, alice, last)).toBe('unknown-key')
  expect(alice.keys.epoch).toBe(epochOf(1, 2))
})
