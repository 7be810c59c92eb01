/**
 * A second implementation of sealed files, from the chapter only: `node:crypto`, the whole file in memory, one line for
 * each line of the chapter.
 *
 * @module
 */
import { createCipheriv, createHash, hkdfSync } from 'node:crypto'
import { u32 } from './event-reference.ts'
import { u64, utf8 } from './node-reference.ts'

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
  /** In place of the sealed chunks. */
  readonly chunks?: readonly Buffer[]
}

/** spec F3 */
export function referenceFileKeys(file: ReferenceFile): { chunkKey: Buffer; header: Buffer } {
  const { fileId, key, chunkSize, padded } = file
  const log = chunkSize.toString(2).length - 1
  const start = Buffer.concat([utf8('CVLF'), Buffer.from([2, log, padded ? 1 : 0, 0]), fileId])
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
  const own = pieces.map(({ bytes, index, isLast }) => {
    const cipher = createCipheriv('aes-256-gcm', chunkKey, referenceNonce(index, isLast))
    return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  })
  const chunks = file.chunks ?? own
  const levels = indexReference(chunks.map(sha256))
  const about = Buffer.concat([
    utf8('conclave/1 file digest'),
    Buffer.from([0]),
    header,
    u64(BigInt(content.length)),
  ])
  const digest = sha256(Buffer.concat([about, levels[0] ?? Buffer.alloc(0)]))
  const index = Buffer.concat(levels)
  return {
    chunkKey,
    header,
    chunks,
    index,
    digest,
    sealed: Buffer.concat([header, ...chunks, index]),
  }
}

/** spec F16: the levels, from the top. */
function indexReference(entries: readonly Buffer[]): Buffer[] {
  const level = Buffer.concat(entries)
  if (entries.length <= 256) return [level]
  const rows = Array.from({ length: Math.ceil(entries.length / 256) }, (_, at) =>
    level.subarray(at * 256 * 32, (at + 1) * 256 * 32),
  )
  return [...indexReference(rows.map(sha256)), level]
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

/** spec F6 */
export function describeReferenceFile(file: ReferenceFile) {
  return {
    ...{ file: 2, fileId: file.fileId.toString('base64url'), key: file.key.toString('base64url') },
    digest: sealReferenceFile(file).digest.toString('base64url'),
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
