import {
  decodeOwnerKeys,
  deriveOwnerFingerprint,
  encodeOwnerKeys,
  importOwnerKeys,
  signHostStatement,
  signMove,
  signPolicy,
  verifyHostStatement,
  verifyMove,
  verifyPolicy,
} from '@conclave/e2ee/authority'
import type { HostAct, Policy } from '@conclave/e2ee/authority'
import { LinkSecret } from '@conclave/e2ee'
import { certifySession } from '@conclave/e2ee/session'
import { importSigningKeys } from '@conclave/e2ee/signing'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/authority.json' with { type: 'json' }
import { bytesToHex, hexToBytes, participantIdOf, roomIdOf } from '../fixtures.ts'
import { sessionNamed } from '../session/fixtures.ts'

const fingerprint = hexToBytes(vectors.owner.fingerprint)
const place = { room: roomIdOf(vectors.room), owner: fingerprint }
const owner = await importOwnerKeys(hexToBytes(vectors.owner.seed))

test('[U1, U2] the owner', async () => {
  expect(bytesToHex(owner.publicKey)).toBe(vectors.owner.key)
  expect(await deriveOwnerFingerprint(owner.publicKey)).toEqual(fingerprint)
})

describe('owners as text', () => {
  test('[U18] the owner', async () => {
    const exportable = await importOwnerKeys(hexToBytes(vectors.owner.seed), { exportable: true })
    expect(encodeOwnerKeys(exportable)).toBe(vectors.owner.text)
    const decoded = await decodeOwnerKeys(vectors.owner.text, { ownerFingerprint: fingerprint })
    if (decoded.type !== 'owner') throw new Error(decoded.reason)
    expect(decoded.owner.publicKey).toEqual(owner.publicKey)
  })

  test.each(vectors.refusedOwnerTexts)('[U18] refused: $why', async ({ text, reason }) => {
    const decoded = await decodeOwnerKeys(text, { ownerFingerprint: fingerprint })
    expect(decoded).toEqual({ type: 'refused', reason })
  })
})

describe('policies', () => {
  test.each(vectors.policies)('[U4] number $number, $rule', async (vector) => {
    const room = roomIdOf(vector.room)
    const policy = {
      ...vector,
      number: Number(vector.number),
      hosts: vector.hosts.map(hexToBytes),
      removed: vector.removed.map(participantIdOf),
    } as unknown as Policy
    const reversed = {
      ...policy,
      hosts: policy.hosts.toReversed(),
      removed: policy.removed.toReversed(),
    }
    for (const given of [policy, reversed]) {
      expect(bytesToHex(await signPolicy(given, { owner, room }))).toBe(vector.statement)
    }
    const verified = await verifyPolicy(hexToBytes(vector.statement), { ...place, room })
    if (verified.type !== 'policy') throw new Error(verified.reason)
    const { number, rule, history, invitationEnded, hosts, removed } = policy
    const expected = { number, rule, history, invitationEnded, hosts, removed }
    expect(verified.policy).toEqual(expected)
    expect(bytesToHex(verified.digest)).toBe(vector.digest)
    expect(bytesToHex(verified.bytes)).toBe(vector.statement)
  })

  test.each(vectors.refusedPolicies)('[U4, U5] refused: $why', async ({ statement, reason }) => {
    expect(await verifyPolicy(hexToBytes(statement), place)).toEqual({ type: 'refused', reason })
  })
})

describe('acts of hosts', () => {
  test.each(vectors.acts)('[U9] $act under $number by $signer', async (vector) => {
    const room = roomIdOf(vector.room)
    const signer = await sessionNamed(vector.signer)
    const person = await importSigningKeys(hexToBytes(vector.personSeed))
    const certificate = await certifySession(person, { room, signingKey: signer.signingKey })
    const act = {
      act: vector.act as HostAct,
      session: participantIdOf(vector.session),
      number: Number(vector.number),
    }
    const bytes = await signHostStatement(act, { room, signer, certificate })
    expect(bytesToHex(bytes)).toBe(vector.statement)
    expect(await verifyHostStatement(bytes, { ...place, room })).toEqual({
      ...{ type: 'host', ...act, isOwner: vector.isOwner, bytes },
      ...{ signingKey: signer.signingKey, personKey: person.publicKey },
    })
  })

  test.each(vectors.refusedActs)('[U9] refused: $why', async ({ statement, reason }) => {
    const verified = await verifyHostStatement(hexToBytes(statement), place)
    expect(verified).toEqual({ type: 'refused', reason })
  })
})

describe('moves', () => {
  test.each(vectors.moves)('[U17] to $secret', async ({ room: id, secret, statement }) => {
    const room = roomIdOf(id)
    const signed = await signMove(new LinkSecret(hexToBytes(secret)), { owner, room })
    expect(bytesToHex(signed)).toBe(statement)
    const verified = await verifyMove(hexToBytes(statement), { ...place, room })
    if (verified.type !== 'move') throw new Error(verified.reason)
    expect(bytesToHex(verified.secret.unsafeExport())).toBe(secret)
    expect(JSON.stringify(verified)).not.toContain(secret)
  })

  test.each(vectors.refusedMoves)('[U17] refused: $why', async ({ statement, reason }) => {
    expect(await verifyMove(hexToBytes(statement), place)).toEqual({ type: 'refused', reason })
  })
})
