import { importHkdfKey, randomBytes } from '@conclave/crypto'
import { expect, test } from 'vitest'
import {
  appendRotation,
  deriveSigner,
  firstRotation,
  isRotationProven,
} from '../../src/format/rotation-chain.ts'

const vaultId = randomBytes(16)
const signerOf = async () => deriveSigner(await importHkdfKey(randomBytes(32)), vaultId)

/** The chain of three generations, and their signers. */
async function makeChain() {
  const [first, second, third] = [await signerOf(), await signerOf(), await signerOf()]
  const start = [firstRotation(first.publicKey)]
  const two = await appendRotation(start, {
    ...{ vaultId, generation: 2, publicKey: second.publicKey, signer: first },
  })
  const rotations = await appendRotation(two, {
    ...{ vaultId, generation: 3, publicKey: third.publicKey, signer: second },
  })
  return { first, second, third, rotations }
}

test('[V21] every generation leads to the current one, but to no other vault or generation', async () => {
  const { first, second, rotations } = await makeChain()
  const chain = { vaultId, generation: 3, rotations }
  const from = { signer: first.publicKey, generation: 1 }
  expect(await isRotationProven(chain, from)).toBe(true)
  expect(await isRotationProven(chain, { signer: second.publicKey, generation: 2 })).toBe(true)
  expect(await isRotationProven(chain, { ...from, generation: 2 })).toBe(false)
  expect(await isRotationProven({ ...chain, vaultId: randomBytes(16) }, from)).toBe(false)
  expect(await isRotationProven({ ...chain, generation: 4 }, from)).toBe(false)
})

test('[V21] a signer of small order, under which anyone can sign, proves nothing', async () => {
  const { rotations } = await makeChain()
  // The neutral element: under it the signature of the same point and zero verifies for every message.
  const signer = Uint8Array.of(1, ...new Uint8Array(31))
  const signature = Uint8Array.of(1, ...new Uint8Array(63))
  const forged = rotations.slice(0, 2).map(({ publicKey }) => ({ publicKey, signature }))
  const chain = { vaultId, generation: 2, rotations: forged }
  expect(await isRotationProven(chain, { signer, generation: 1 })).toBe(false)
})
