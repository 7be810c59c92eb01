import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import draft from '../../../../spec/vectors/x-wing.json' with { type: 'json' }
import { decapsulateXWing, xWingKeys } from '../reference/hybrid-reference.ts'
import { makeHybridVectors } from '../reference/hybrid-vectors.ts'

test('[E28] the vectors equal the output of the reference', () => {
  const path = new URL('../../../../spec/vectors/exchange-hybrid.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(makeHybridVectors())),
  )
})

test.each(draft.vectors)('[E28] the reference gives the draft’s answers: $seed', (vector) => {
  const seed = Buffer.from(vector.seed, 'hex')
  expect(xWingKeys(seed).publicKey.toString('hex')).toBe(vector.publicKey)
  const shared = decapsulateXWing(seed, Buffer.from(vector.encapsulated, 'hex'))
  expect(shared.toString('hex')).toBe(vector.shared)
})
