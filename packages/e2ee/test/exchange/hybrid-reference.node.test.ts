import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import draft from '../../../../spec/vectors/x-wing.json' with { type: 'json' }
import {
  combineXWing,
  decapsulateXWing,
  partsOfXWing,
  xWingKeys,
} from '../reference/hybrid-reference.ts'
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

test('[E28] breaking one of X25519 and ML-KEM-768 leaves out the other’s part of the secret', () => {
  const [known, other] = draft.vectors.map((vector) => ({
    seed: Buffer.from(vector.seed, 'hex'),
    enc: Buffer.from(vector.encapsulated, 'hex'),
    shared: vector.shared,
  }))
  if (known === undefined || other === undefined) throw new Error('two vectors expected')
  const { enc, shared } = known
  const { publicKey } = xWingKeys(known.seed)
  const { ssM, ssX } = partsOfXWing(known.seed, enc)
  const combined = (parts: { ssM: Buffer; ssX: Buffer }): string =>
    combineXWing({ ...parts, enc, publicKey }).toString('hex')
  expect(combined({ ssM, ssX })).toBe(shared)
  // What an attacker has instead: nothing, the part that is broken, and what other keys make of the recorded bytes.
  const elsewhere = partsOfXWing(other.seed, enc)
  for (const guess of [Buffer.alloc(32), ssX, elsewhere.ssM, enc.subarray(0, 32)]) {
    expect(combined({ ssM: guess, ssX })).not.toBe(shared)
  }
  for (const guess of [Buffer.alloc(32), ssM, elsewhere.ssX, enc.subarray(1088)]) {
    expect(combined({ ssM, ssX: guess })).not.toBe(shared)
  }
})
