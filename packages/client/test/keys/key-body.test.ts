import { ParticipantKeyGrant, randomParticipantId } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { decodeKeyBody, encodeKeyBody } from '../../src/keys/key-body.ts'

const participant = randomParticipantId()
const secret = new Uint8Array(32).fill(3)
const grantOf = (): ParticipantKeyGrant =>
  new ParticipantKeyGrant({ participant, epoch: 2n ** 33n, following: true }, secret)

test('[R46] a key travels as its grant and the place where it begins', () => {
  const grant = grantOf()
  const body = encodeKeyBody({ grant, from: 2 ** 40 + 1 })
  expect(body).toHaveLength(66)
  expect(() => grant.unsafeExport()).toThrow(TypeError)
  const given = decodeKeyBody(body)
  expect(given?.from).toBe(2 ** 40 + 1)
  expect(given?.grant).toMatchObject({ participant, epoch: 2n ** 33n, following: true })
  expect(given?.grant.unsafeExport()).toEqual(secret)
})

test('[R46] anything else is no key', () => {
  const body = encodeKeyBody({ grant: grantOf(), from: 5 })
  const changed = (at: number, byte: number): Uint8Array => body.with(at, byte)
  for (const bytes of [
    new Uint8Array(),
    body.subarray(1),
    new Uint8Array([...body, 0]),
    changed(0, 2),
    changed(1, 4),
    changed(58, 1),
  ]) {
    expect(decodeKeyBody(bytes)).toBeUndefined()
  }
})
