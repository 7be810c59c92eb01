import { deriveParticipantId } from '@conclave/e2ee/session'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { bytesToHex, hexToBytes } from '../fixtures.ts'
import { sessionNamed } from './fixtures.ts'

describe('session keys', () => {
  test.each(Object.entries(vectors.sessions))('[C2] %s', async (name, session) => {
    const keys = await sessionNamed(name)
    expect(bytesToHex(keys.signingKey)).toBe(session.signingKey)
    expect(bytesToHex(keys.agreementKey)).toBe(session.agreementKey)
    expect(await deriveParticipantId(keys.signingKey)).toBe(session.id)
  })

  test.each(vectors.secrets)('[C6] the secret of $own and $other', async (vector) => {
    const [own, other] = [await sessionNamed(vector.own), await sessionNamed(vector.other)]
    const context = { salt: hexToBytes(vector.salt), info: hexToBytes(vector.info) }
    const secret = await own.agree(other.agreementKey, context)
    expect(secret && bytesToHex(secret)).toBe(vector.secret)
  })

  test.each(vectors.smallOrder)('[C6] no secret with %s', async (key) => {
    const alice = await sessionNamed('alice')
    const context = { salt: new Uint8Array(), info: new Uint8Array() }
    expect(await alice.agree(hexToBytes(key), context)).toBeUndefined()
  })
})
