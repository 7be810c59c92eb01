/**
 * A second implementation of X-Wing, from draft-connolly-cfrg-xwing-kem-10 §5 only, over `node:crypto`: ML-KEM-768 needs
 * Node 24.7.
 *
 * @module
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { x25519Private, x25519Public, x25519PublicOf } from './exchange-reference.ts'

/** The keys of a decapsulation key of 32 bytes. */
export function xWingKeys(seed: Buffer): { mlKem: KeyObject; x25519: Buffer; publicKey: Buffer } {
  const expanded = createHash('shake256', { outputLength: 96 }).update(seed).digest()
  // The seed of FIPS 203 §7.1 in PKCS #8.
  const head = Buffer.from('3054020100300b060960864801650304040204428040', 'hex')
  const mlKem = createPrivateKey({
    ...{ key: Buffer.concat([head, expanded.subarray(0, 64)]), format: 'der', type: 'pkcs8' },
  })
  const x25519 = expanded.subarray(64)
  const spki = createPublicKey(mlKem).export({ format: 'der', type: 'spki' })
  return { mlKem, x25519, publicKey: Buffer.concat([spki.subarray(-1184), x25519PublicOf(x25519)]) }
}

/** The shared secret of an encapsulated key of 1,120 bytes. */
export function decapsulateXWing(seed: Buffer, enc: Buffer): Buffer {
  const { ssM, ssX } = partsOfXWing(seed, enc)
  return combineXWing({ ssM, ssX, enc, publicKey: xWingKeys(seed).publicKey })
}

/** The secrets of both parts: of ML-KEM-768 and of X25519. */
export function partsOfXWing(seed: Buffer, enc: Buffer): { ssM: Buffer; ssX: Buffer } {
  const { mlKem, x25519 } = xWingKeys(seed)
  const publicKey = x25519Public(enc.subarray(1088))
  const ssX = diffieHellman({ privateKey: x25519Private(x25519), publicKey })
  return { ssM: decapsulate(mlKem, enc.subarray(0, 1088)), ssX }
}

/** The shared secret of both parts and of what everybody sees. */
export function combineXWing({
  ssM,
  ssX,
  enc,
  publicKey,
}: {
  readonly ssM: Buffer
  readonly ssX: Buffer
  readonly enc: Buffer
  readonly publicKey: Buffer
}): Buffer {
  const label = Buffer.from('5c2e2f2f5e5c', 'hex')
  return createHash('sha3-256')
    .update(Buffer.concat([ssM, ssX, enc.subarray(1088), publicKey.subarray(-32), label]))
    .digest()
}
