import {
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  ParticipantKeySource,
  randomParticipantId,
  ratchetSharedKey,
  SharedKeySource,
} from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/keys-ratchet.json' with { type: 'json' }
import { bytesToHex, hexToBytes, participantIdOf } from '../fixtures.ts'

const { label, length } = vectors.request
const context = hexToBytes(vectors.request.context)

test.each(vectors.shared)('[K24] shared, from epoch $epoch', async (vector) => {
  const epoch = BigInt(vector.epoch)
  const keys = new SharedKeySource(hexToBytes(vector.secret), { epoch })
  expect(bytesToHex(await ratchetSharedKey(keys))).toBe(vector.next)
  expect(keys.epoch).toBe(epoch + 1n)
  expect(bytesToHex(await keys.export(label, context, length))).toBe(vector.exported)
})

describe.each(vectors.participant)('participant, from epoch $epoch', (vector) => {
  const epoch = BigInt(vector.epoch)
  const participant = participantIdOf(vector.participant)
  const exported = async (grant: string, at: bigint): Promise<string> => {
    const decoded = decodeParticipantKeyGrant(hexToBytes(grant))
    if (decoded === undefined) throw new Error('expected a grant')
    const keys = new ParticipantKeySource(randomParticipantId())
    keys.setParticipantKey(participant, decoded)
    return bytesToHex(await keys.export(label, context, length, at, participant))
  }

  test('[K28] a chain gives the root of its epoch and all that follow', async () => {
    expect(await exported(vector.following, epoch)).toBe(vector.exported)
    expect(await exported(vector.following, epoch + 1n)).toBe(vector.exportedNext)
  })

  test('[K29] a root without a chain gives its epoch', async () => {
    expect(await exported(vector.epochAlone, epoch)).toBe(vector.exported)
    await expect(exported(vector.epochAlone, epoch + 1n)).rejects.toMatchObject({
      code: 'ERR_E2EE_UNKNOWN_EPOCH',
    })
  })

  test('[K28, K29] the owner grants the same bytes', async () => {
    const keys = new ParticipantKeySource(participant, { generate: false })
    keys.setOwnKey(hexToBytes(vector.chain), epoch)
    const prepared = decodeParticipantKeyGrant(hexToBytes(vector.prepared))
    expect(prepared).toMatchObject({ epoch, prepared: true })
    expect(prepared && bytesToHex(encodeParticipantKeyGrant(prepared))).toBe(vector.prepared)
    const grants = [keys.grantWithPast(), await keys.grantEpoch(), await keys.ratchet()]
    const [following, epochAlone, next] = grants.map((grant) =>
      bytesToHex(encodeParticipantKeyGrant(grant)),
    )
    expect([following, epochAlone]).toEqual([vector.following, vector.epochAlone])
    expect(next?.slice(-64)).toBe(vector.nextChain)
    expect(bytesToHex((await keys.grantEpoch()).unsafeExport())).toBe(vector.nextRoot)
  })
})

test.each(vectors.refusedGrants)('[K29] refused: $why', ({ bytes }) => {
  expect(decodeParticipantKeyGrant(hexToBytes(bytes))).toBeUndefined()
})
