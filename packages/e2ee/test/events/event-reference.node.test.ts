import { readFileSync } from 'node:fs'
import { importAesGcmKeyFromBase64, openEvent, padmeLength, sealEvent } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { sealReferenceEvent } from '../reference/event-reference.ts'
import { makeEventVectors } from '../reference/event-vectors.ts'
import { utf8 } from '../reference/node-reference.ts'

test('[P21] the vectors equal the output of the reference', () => {
  const path = new URL('../../../../spec/vectors/payload-envelope.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(makeEventVectors())),
  )
})

test('[P22, P24] an event sealed here equals the one that the reference makes', async () => {
  const raw = Buffer.alloc(32, 7)
  const key = await importAesGcmKeyFromBase64(raw.toString('base64'))
  const context = { kind: 'realtime', scope: 'ä', scopeId: 'b', eventName: 'c' } as const
  const sealed = await sealEvent([1, 'é'], key, {
    ...context,
    keyId: 'k',
    keyVersion: 9,
    sender: 'me',
  })
  const { json } = sealReferenceEvent({
    ...{ kind: 'realtime', key: raw, derived: false, padded: false, bytes: false },
    ...{ keyId: 'k', epoch: 9n, sender: 'me', fields: ['ä', 'b', 'c'], body: utf8('[1,"é"]') },
    nonce: Buffer.from(sealed.sealed, 'base64url').subarray(0, 12),
  })
  expect(sealed).toEqual(json)
  expect(await openEvent(json, key, context)).toMatchObject({ value: [1, 'é'] })
})

test('[P43] Padmé is the next length whose low bits are zero', () => {
  const isPadme = (length: number): boolean => {
    const exponent = length.toString(2).length - 1
    return length < 2 || length % 2 ** Math.max(0, exponent - exponent.toString(2).length) === 0
  }
  for (let length = 0; length < 5000; length += 1) {
    let expected = length
    while (!isPadme(expected)) expected += 1
    expect(padmeLength(length)).toBe(expected)
  }
})
