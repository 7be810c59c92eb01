/** Parts on their way, against a second implementation on `node:crypto`. */
import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  beginContent,
  countParts,
  createFileParts,
  generateTransferSecrets,
  linkContent,
  MAX_PARTS_SIZE,
  PART_BYTES,
  PART_TAG_BYTES,
  partLength,
} from '../../src/files/index.ts'
import type { PartPlace, TransferSecrets } from '../../src/files/index.ts'

const SECRETS: TransferSecrets = {
  id: new Uint8Array(16).fill(7),
  key: new Uint8Array(32).fill(9),
}
const CONTENT = new Uint8Array(70_000).map((_, at) => at % 251)
const PLACE: PartPlace = { side: 'sender', run: 3, index: 2 ** 20 + 1 }

const sealed = (place: PartPlace, bytes: Uint8Array): Uint8Array => {
  const key = hkdfSync('sha256', SECRETS.key, SECRETS.id, 'conclave/1 file parts\0', 32)
  const nonce = Buffer.alloc(12)
  nonce[0] = place.side === 'sender' ? 1 : 2
  nonce.writeUInt32BE(place.run, 4)
  nonce.writeUInt32BE(place.index, 8)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), nonce)
  return new Uint8Array(Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]))
}
const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

test('[F17] a part is sealed under the part key, with side, run and index as its nonce', async () => {
  const parts = await createFileParts(SECRETS)
  for (const place of [PLACE, { ...PLACE, side: 'receiver' as const }]) {
    const made = await parts.seal(place, CONTENT.slice(0, 100))
    expect(made).toEqual(sealed(place, CONTENT.slice(0, 100)))
    expect(await parts.open(place, made)).toEqual(CONTENT.slice(0, 100))
  }
})

test('[F17] two transfers have two ids and two keys, and no part of one opens in the other', async () => {
  const [one, other] = [generateTransferSecrets(), generateTransferSecrets()]
  expect([one.id.length, one.key.length]).toEqual([16, 32])
  expect(one.id).not.toEqual(other.id)
  expect(one.key).not.toEqual(other.key)
  const [parts, others] = [await createFileParts(one), await createFileParts(other)]
  const part = await parts.seal(PLACE, CONTENT.slice(0, 100))
  expect(await others.open(PLACE, part)).toBe(undefined)
  const sameKey = await createFileParts({ ...one, id: other.id })
  expect(await sameKey.open(PLACE, part)).toBe(undefined)
})

test('[F17] a part in another direction, run or place, changed, cut or extended does not open', async () => {
  const parts = await createFileParts(SECRETS)
  const part = await parts.seal(PLACE, CONTENT.slice(0, 100))
  const places: readonly PartPlace[] = [
    { ...PLACE, side: 'receiver' },
    { ...PLACE, run: PLACE.run + 1 },
    { ...PLACE, index: PLACE.index - 1 },
    { ...PLACE, run: PLACE.index, index: PLACE.run },
  ]
  for (const place of places) expect(await parts.open(place, part)).toBe(undefined)
  for (let at = 0; at < part.length; at += 1) {
    const changed = part.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(await parts.open(PLACE, changed)).toBe(undefined)
  }
  expect(await parts.open(PLACE, part.slice(0, -1))).toBe(undefined)
  expect(await parts.open(PLACE, new Uint8Array([...part, 0]))).toBe(undefined)
})

test('[F18] chunks, their lengths and the digest follow from the content and its size', async () => {
  const { id } = SECRETS
  const size = CONTENT.length
  const sizeBytes = Buffer.alloc(8)
  sizeBytes.writeBigUInt64BE(BigInt(size))
  let link = await beginContent({ id, size })
  let expected = sha256('conclave/1 file content\0', id, sizeBytes)
  let read = 0
  for (let index = 0; index < countParts(size); index += 1) {
    const chunk = CONTENT.slice(index * PART_BYTES, (index + 1) * PART_BYTES)
    expect(partLength(size, index)).toBe(chunk.length)
    link = await linkContent(link, chunk)
    expected = sha256(expected, chunk)
    read += chunk.length
  }
  expect(read).toBe(size)
  expect(Buffer.from(link).equals(expected)).toBe(true)
  expect([0, 1, PART_BYTES, PART_BYTES + 1].map(countParts)).toEqual([0, 1, 1, 2])
  expect(countParts(MAX_PARTS_SIZE)).toBe(2 ** 24)
  expect(await beginContent({ id, size: 0 })).not.toEqual(await beginContent({ id, size: 1 }))
})

test('[F19] anything of another length does not open, and nothing throws', async () => {
  const parts = await createFileParts(SECRETS)
  const most = await parts.seal(PLACE, new Uint8Array(PART_BYTES))
  expect(await parts.open(PLACE, most)).toHaveLength(PART_BYTES)
  expect(PART_TAG_BYTES).toBe(most.length - PART_BYTES)
  const long = sealed(PLACE, new Uint8Array(PART_BYTES + 1))
  for (const length of [0, 1, PART_TAG_BYTES - 1, PART_TAG_BYTES, 1000, most.length, 100_000]) {
    expect(await parts.open(PLACE, new Uint8Array(randomBytes(length)))).toBe(undefined)
  }
  expect(await parts.open(PLACE, new Uint8Array(long))).toBe(undefined)
})
