/**
 * A second implementation of sealed files, from the chapter only: `node:crypto`, the whole file in memory, one line for
 * each line of the chapter.
 *
 * @module
 */
import { createCipheriv, hkdfSync } from 'node:crypto'
import { u32 } from './event-reference.ts'
import { utf8 } from './node-reference.ts'

/** Everything that determines the bytes of a sealed file. */
export interface ReferenceFile {
  readonly fileId: Buffer
  readonly key: Buffer
  /** A power of two. */
  readonly chunkSize: number
  readonly padded: boolean
  readonly content: Buffer
  /** In place of the chapter's own padding: what a faulty sender writes. */
  readonly plaintext?: Buffer
  /** In place of the chapter's own cut: what a faulty sender seals, piece by piece. */
  readonly pieces?: readonly {
    readonly bytes: Buffer
    readonly index: number
    readonly isLast: boolean
  }[]
}

/** spec F3 */
export function referenceFileKeys(file: ReferenceFile): { chunkKey: Buffer; header: Buffer } {
  const { fileId, key, chunkSize, padded } = file
  const log = chunkSize.toString(2).length - 1
  const start = Buffer.concat([utf8('CVLF'), Buffer.from([1, log, padded ? 1 : 0, 0]), fileId])
  const info = Buffer.concat([utf8('conclave/1 file'), Buffer.from([0]), start])
  const output = Buffer.from(hkdfSync('sha256', key, fileId, info, 64))
  return { chunkKey: output.subarray(0, 32), header: Buffer.concat([start, output.subarray(32)]) }
}

/** spec F4 */
export const referenceNonce = (index: number, isLast: boolean): Buffer =>
  Buffer.concat([Buffer.alloc(7), u32(index), Buffer.from([isLast ? 1 : 0])])

/** spec F2, F4, F7 */
export function sealReferenceFile(file: ReferenceFile) {
  const { chunkSize, content } = file
  const { chunkKey, header } = referenceFileKeys(file)
  const plaintext = file.plaintext ?? (file.padded ? padReference(content) : content)
  const count = Math.max(1, Math.ceil(plaintext.length / chunkSize))
  const pieces =
    file.pieces ??
    Array.from({ length: count }, (_, index) => ({
      bytes: plaintext.subarray(index * chunkSize, (index + 1) * chunkSize),
      ...{ index, isLast: index === count - 1 },
    }))
  const chunks = pieces.map(({ bytes, index, isLast }) => {
    const cipher = createCipheriv('aes-256-gcm', chunkKey, referenceNonce(index, isLast))
    return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  })
  return { chunkKey, header, chunks, sealed: Buffer.concat([header, ...chunks]) }
}

/** spec F6 */
export function describeReferenceFile(file: ReferenceFile) {
  return {
    ...{ file: 1, fileId: file.fileId.toString('base64url'), key: file.key.toString('base64url') },
    ...{ size: file.content.length, chunkSize: file.chunkSize },
    ...(file.padded ? { padded: true } : {}),
  }
}

/** The lengths that Padmé allows are those whose bits below the highest few are zero: tries them one by one. */
function padReference(bytes: Buffer): Buffer {
  let length = Math.max(bytes.length + 1, 64)
  while (!/^0*$/.test(lowBits(length))) length += 1
  return Buffer.concat([bytes, Buffer.from([0x80]), Buffer.alloc(length - bytes.length - 1)])
}

function lowBits(length: number): string {
  const bits = length.toString(2)
  return bits.slice(1 + (bits.length - 1).toString(2).length)
}
