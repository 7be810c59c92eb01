/**
 * Bytes that AES-GCM accepts under two keys: its tag is linear in the ciphertext, so one block can be chosen such that both
 * keys give the same tag. What a file format without a commitment would open to two contents. SP 800-38D §6
 *
 * @module
 */
import { createCipheriv } from 'node:crypto'

/** A chunk of 32 bytes and its tag that authenticate under both keys with the nonce and the additional data. */
export function makeTwoKeyChunk(
  keys: readonly [Buffer, Buffer],
  nonce: Buffer,
  aad: Buffer = Buffer.alloc(0),
): Buffer {
  const [one, other] = keys.map((key) => ({
    hash: toField(encryptBlock(key, Buffer.alloc(16))),
    mask: toField(encryptBlock(key, Buffer.concat([nonce, Buffer.from([0, 0, 0, 1])]))),
  }))
  if (one === undefined || other === undefined) throw new Error('two keys expected')
  const first = toField(Buffer.from('any sixteen byte'))
  const blocks = blocksOf(aad)
  const lengths = (BigInt(aad.length) << 67n) | (32n * 8n)
  /** The sum of the additional data under a key, before the two blocks of the chunk. */
  const header = (hash: bigint): bigint =>
    blocks.reduce(
      (sum, block, at) => sum ^ multiply(block, power(hash, blocks.length - at + 3)),
      0n,
    )
  // The tag under a key: header(H) + first·H³ + second·H² + lengths·H + mask.
  const constant =
    header(one.hash) ^
    header(other.hash) ^
    multiply(first, power(one.hash, 3) ^ power(other.hash, 3)) ^
    multiply(lengths, one.hash ^ other.hash) ^
    (one.mask ^ other.mask)
  const second = multiply(constant, invert(power(one.hash, 2) ^ power(other.hash, 2)))
  const tag =
    header(one.hash) ^
    multiply(first, power(one.hash, 3)) ^
    multiply(second, power(one.hash, 2)) ^
    (multiply(lengths, one.hash) ^ one.mask)
  return Buffer.concat([first, second, tag].map(toBytes))
}

function encryptBlock(key: Buffer, block: Buffer): Buffer {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block)
}

/** The field elements of 16 bytes each, the last one filled with zeros. */
function blocksOf(bytes: Buffer): bigint[] {
  const count = Math.ceil(bytes.length / 16)
  const filled = Buffer.concat([bytes, Buffer.alloc(count * 16 - bytes.length)])
  return Array.from({ length: count }, (_, at) => toField(filled.subarray(at * 16, at * 16 + 16)))
}

const toField = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)
const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(32, '0'), 'hex')

/** The product in the field of GCM, whose first bit is the highest. SP 800-38D §6.3 */
function multiply(x: bigint, y: bigint): bigint {
  let [product, factor] = [0n, y]
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if (((x >> bit) & 1n) === 1n) product ^= factor
    factor = (factor & 1n) === 1n ? (factor >> 1n) ^ REDUCTION : factor >> 1n
  }
  return product
}

const power = (x: bigint, exponent: number): bigint =>
  exponent === 1 ? x : multiply(x, power(x, exponent - 1))

/** x to the power 2^128 − 2 */
function invert(x: bigint): bigint {
  let [result, square] = [ONE, x]
  for (let bit = 1; bit < 128; bit += 1) {
    square = multiply(square, square)
    result = multiply(result, square)
  }
  return result
}

const ONE = 1n << 127n
const REDUCTION = 0xe1n << 120n
