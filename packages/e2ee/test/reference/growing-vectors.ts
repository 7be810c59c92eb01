/**
 * A second implementation of growing files, from chapter recording only, on `node:crypto`. Makes `spec/vectors/growing-files.json`:
 * `node packages/e2ee/test/reference/growing-vectors.ts`
 *
 * @module
 */
import { createCipheriv, createHash, hkdfSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { referenceNonce } from './file-reference.ts'
import { utf8 } from './node-reference.ts'

const CHUNK = 4096

/** Bytes of which no two chunks are the same: `first + index + index / 256`. */
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index + (index >> 8)) & 255))

const sha256 = (...parts: readonly Buffer[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest()

interface Grown {
  readonly key: object
  readonly content: { readonly first: number; readonly length: number }
  /** Its header and its chunks, with their tags. */
  readonly pieces: readonly Buffer[]
}

/** spec Q7, Q9, Q10 */
const grow = (seed: number, first: number, length: number): Grown => {
  const [fileId, key] = [counting(seed, 16), counting(seed + 0x40, 32)]
  const start = Buffer.concat([utf8('CVLF'), Buffer.from([3, Math.log2(CHUNK), 0, 0]), fileId])
  const info = Buffer.concat([utf8('conclave/1 file'), Buffer.from([0]), start])
  const output = Buffer.from(hkdfSync('sha256', key, fileId, info, 64))
  const header = Buffer.concat([start, output.subarray(32)])
  const content = counting(first, length)
  const full = Math.floor(length / CHUNK)
  const chunks = Array.from({ length: full + 1 }, (_, index) => {
    const cipher = createCipheriv(
      'aes-256-gcm',
      output.subarray(0, 32),
      referenceNonce(index, index === full),
    )
    const plaintext = content.subarray(index * CHUNK, (index + 1) * CHUNK)
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  })
  const root = sha256(utf8('conclave/1 growing file'), Buffer.from([0]), header)
  const digest = chunks.reduce((link, chunk) => sha256(link, chunk), root)
  return {
    key: {
      ...{ file: 3, fileId: fileId.toString('base64url'), key: key.toString('base64url') },
      ...{ chunkSize: CHUNK, size: length, digest: digest.toString('base64url') },
    },
    content: { first, length },
    pieces: [header, ...chunks],
  }
}

const files = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 700].map((length, at) =>
  grow(0x10 + at, at, length),
)
const LONG = files.length - 1
const twin = grow(0x30, 9, 2 * CHUNK + 700)
// Another content under the same key: whoever holds it can make it.
const forged = { ...grow(0x10 + LONG, 77, 2 * CHUNK + 700), key: files[LONG]?.key }

/** A piece of a file, by number: 0 is its header. */
const p = (file: number, piece: number): object => ({ file, piece })
const whole = (file: number, count: number): object[] =>
  Array.from({ length: count }, (_, piece) => p(file, piece))
const TWIN = files.length
const FORGED = files.length + 1

/** The vectors of growing files. */
export const makeGrowingVectors = (): object => ({
  about:
    'Growing files of chapter recording. `content` is counted from `first`: each byte is first + index + index / 256. `pieces` are the header and the chunks, in hex. ' +
    '`opened` are put together from pieces, some of them cut, and open up to `size` without `complete`; `refused` end with an error, after `size` bytes.',
  files: [...files, twin, forged].map(({ key, content, pieces }) => ({
    ...{ key, content },
    pieces: pieces.map((piece) => piece.toString('hex')),
  })),
  opened: [
    { why: 'only the header', file: LONG, parts: [p(LONG, 0)], size: 0 },
    { why: 'cut after a chunk', file: LONG, parts: [p(LONG, 0), p(LONG, 1)], size: CHUNK },
    {
      why: 'cut in a chunk',
      file: LONG,
      parts: [p(LONG, 0), p(LONG, 1), { ...p(LONG, 2), to: 100 }],
      size: CHUNK,
    },
    {
      why: 'cut in the last chunk',
      file: LONG,
      parts: [p(LONG, 0), p(LONG, 1), p(LONG, 2), { ...p(LONG, 3), to: 715 }],
      size: 2 * CHUNK,
    },
    {
      why: 'the end of another file',
      file: LONG,
      parts: [p(LONG, 0), p(LONG, 1), p(TWIN, 3)],
      size: CHUNK,
    },
    {
      why: 'the end in an earlier place',
      file: LONG,
      parts: [p(LONG, 0), p(LONG, 1), p(LONG, 3)],
      size: CHUNK,
    },
    {
      why: 'a byte behind the end',
      file: LONG,
      parts: [...whole(LONG, 4), { bytes: '00' }],
      size: 2 * CHUNK,
    },
    { why: 'a full chunk and no end', file: 3, parts: [p(3, 0), p(3, 1)], size: CHUNK },
  ],
  refused: [
    {
      why: 'chunks exchanged',
      file: LONG,
      parts: [p(LONG, 0), p(LONG, 2), p(LONG, 1), p(LONG, 3)],
      size: 0,
      code: 'ERR_E2EE_OPEN_FAILED',
    },
    {
      why: 'a chunk repeated',
      file: LONG,
      parts: [p(LONG, 0), p(LONG, 1), p(LONG, 1), p(LONG, 2), p(LONG, 3)],
      size: CHUNK,
      code: 'ERR_E2EE_OPEN_FAILED',
    },
    {
      why: 'a chunk left out',
      file: LONG,
      parts: [p(LONG, 0), p(LONG, 2), p(LONG, 3)],
      size: 0,
      code: 'ERR_E2EE_OPEN_FAILED',
    },
    {
      why: 'a chunk of another file',
      file: LONG,
      parts: [p(LONG, 0), p(TWIN, 1), p(LONG, 2), p(LONG, 3)],
      size: 0,
      code: 'ERR_E2EE_OPEN_FAILED',
    },
    {
      why: 'a chunk behind the end',
      file: 3,
      parts: [...whole(3, 3), p(3, 1)],
      size: CHUNK,
      code: 'ERR_E2EE_OPEN_FAILED',
    },
    {
      why: 'the header of another file',
      file: LONG,
      parts: [p(TWIN, 0), p(LONG, 1)],
      size: 0,
      code: 'ERR_E2EE_OPEN_FAILED',
    },
    {
      why: 'half a header',
      file: LONG,
      parts: [{ ...p(LONG, 0), to: 55 }],
      size: 0,
      code: 'ERR_E2EE_MALFORMED',
    },
    {
      why: 'a file of format 2',
      file: LONG,
      parts: [{ bytes: `${Buffer.from('CVLF').toString('hex')}02${'00'.repeat(51)}` }],
      size: 0,
      code: 'ERR_E2EE_MALFORMED',
    },
    {
      why: 'another content under the same key, against the digest',
      file: LONG,
      parts: whole(FORGED, 4),
      size: 2 * CHUNK,
      code: 'ERR_E2EE_OPEN_FAILED',
      needsDigest: true,
    },
  ],
  noKeys: [
    { file: 2 },
    { fileId: 'AAAA' },
    { key: 'AAAA' },
    { chunkSize: 5000 },
    { size: -1 },
    { size: 2 ** 44 + 1 },
    { digest: 'AAAA' },
    { more: 1 },
  ],
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    new URL('../../../../spec/vectors/growing-files.json', import.meta.url),
    `${JSON.stringify(makeGrowingVectors(), null, 2)}\n`,
  )
}
