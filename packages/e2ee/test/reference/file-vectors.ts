// oxlint-disable max-lines -- one table of vectors, written in the order of its file
/**
 * Makes `spec/vectors/files.json`, from the reference only:
 * `node packages/e2ee/test/reference/file-vectors.ts`
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  describeReferenceFile,
  referenceFileKeys,
  referenceNonce,
  sealReferenceFile,
} from './file-reference.ts'
import type { ReferenceFile } from './file-reference.ts'
import { makeTwoKeyChunk } from './two-key-chunk.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Bytes of which no two chunks are the same: `first + index + index / 256`. */
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index + (index >> 8)) & 255))

const base: ReferenceFile = {
  ...{ fileId: counting(0x10, 16), key: counting(0x40, 32), chunkSize: 4096, padded: false },
  content: counting(0, 9000),
}

const [EMPTY, BASE, OTHER, TWIN, EXACT, PADDED] = [1, 2, 3, 4, 5, 6]

const FILES: readonly ReferenceFile[] = [
  { ...base, content: counting(1, 1) },
  { ...base, fileId: counting(0x11, 16), content: Buffer.alloc(0) },
  base,
  { ...base, fileId: counting(0x12, 16), key: counting(0x80, 32), content: counting(9, 9000) },
  { ...base, fileId: counting(0x13, 16), content: counting(5, 9000) },
  { ...base, fileId: counting(0x14, 16), content: counting(3, 8192) },
  { ...base, fileId: counting(0x15, 16), padded: true, content: counting(7, 4000) },
  { ...base, fileId: counting(0x16, 16), padded: true, content: Buffer.alloc(0) },
  { ...base, fileId: counting(0x17, 16), padded: true, content: counting(2, 4096) },
  { ...base, fileId: counting(0x18, 16), padded: true, content: counting(4, 63) },
  {
    ...base,
    fileId: Buffer.alloc(16, 255),
    key: Buffer.alloc(32, 255),
    content: counting(6, 4095),
  },
  { ...base, fileId: Buffer.alloc(16), key: Buffer.alloc(32), chunkSize: 65_536 },
  { ...base, fileId: counting(0x19, 16), chunkSize: 2 ** 20, content: counting(8, 100) },
]

/** A part of a sealed file of the list, or bytes. */
type Part = { file: number; from: number; to: number } | { bytes: string }

export function makeFileVectors(): object {
  return {
    about:
      'Chapter files. Bytes are hexadecimal. The content of a file is `length` bytes, each (first + index + floor(index / 256)) modulo 256. What is refused is put together out of parts of the sealed files, by their index in `files`, and bytes; `file` names the description that it is opened with, `description` what is changed in it.',
    files: FILES.map((file) => {
      const { chunkKey, sealed } = sealReferenceFile(file)
      return {
        description: describeReferenceFile(file),
        content: { first: file.content[0] ?? 0, length: file.content.length },
        ...{ chunkKey: hex(chunkKey), sealed: hex(sealed) },
      }
    }),
    ranges: makeRanges(),
    refused: [...makeMalformed(), ...makeChanged(), ...makeFaulty()],
    replaced: makeReplaced(),
    long: makeLong(),
    twoKeys: makeTwoKeys(),
    descriptions: makeDescriptions(),
  }
}

/** The bytes of the sealed file that a part of the content needs. */
function makeRanges(): object[] {
  const [header, chunk] = [56, 4096 + 16]
  const at = (index: number): number => header + index * chunk
  const range = (start: number, end: number, reads: number[][], file = BASE): object => ({
    ...{ file, start, end, reads },
  })
  const [end, index] = [at(2) + 824, [at(2) + 824, at(2) + 920]]
  return [
    range(0, 9000, [[at(0), end], index]),
    range(0, 1, [[at(0), at(1)], index]),
    range(4095, 4097, [[at(0), at(2)], index]),
    range(4096, 4097, [[at(1), at(2)], index]),
    range(4096, 8192, [[at(1), at(2)], index]),
    range(5000, 8193, [[at(1), end], index]),
    range(8999, 9000, [[at(2), end], index]),
    range(8192, 20_000, [[at(2), end], index]),
    range(5000, 5000, [index]),
    range(9000, 9001, [index]),
    range(6000, 5000, [index]),
    range(0, 0, [[72, 104]], EMPTY),
    range(
      4096,
      8192,
      [
        [at(1), at(2)],
        [at(2), at(2) + 64],
      ],
      EXACT,
    ),
    range(
      3999,
      4000,
      [
        [at(0), at(1)],
        [at(1), at(1) + 32],
      ],
      PADDED,
    ),
  ]
}

const sealedOf = (file: number): Buffer => sealReferenceFile(FILES[file] ?? base).sealed

const slice = (file: number, from: number, to: number): Part => ({ file, from, to })
const head = (file: number): Part => slice(file, 0, 56)
const tail = (file: number): Part => {
  const { sealed, index } = sealReferenceFile(FILES[file] ?? base)
  return slice(file, sealed.length - index.length, sealed.length)
}
const chunk = (file: number, index: number): Part => {
  const { chunks } = sealReferenceFile(FILES[file] ?? base)
  const from = 56 + index * 4112
  return slice(file, from, from + (chunks[index]?.length ?? 0))
}

/** The file with other bytes at `at`. */
function put(file: number, at: number, bytes: Uint8Array): Part[] {
  const end = sealedOf(file).length
  return [slice(file, 0, at), { bytes: hex(bytes) }, slice(file, at + bytes.length, end)]
}

/** The file with one bit changed at `at`; from the end if negative. */
function flip(file: number, at: number): Part[] {
  const sealed = sealedOf(file)
  const place = at < 0 ? sealed.length + at : at
  return put(file, place, Uint8Array.of((sealed[place] ?? 0) ^ 1))
}

function makeMalformed(): object[] {
  const malformed = (why: string, parts: Part[]): object => ({
    ...{ why, code: 'ERR_E2EE_MALFORMED', file: BASE, parts },
  })
  const byte = (at: number, value: number): Part[] => put(BASE, at, Uint8Array.of(value))
  return [
    malformed('no bytes', []),
    malformed('one byte less than a header', [slice(BASE, 0, 55)]),
    malformed('the header is missing', [chunk(BASE, 0), chunk(BASE, 1), chunk(BASE, 2)]),
    malformed('another magic', byte(3, 0x67)),
    malformed('format 0', byte(4, 0)),
    malformed('format 1', byte(4, 1)),
    malformed('format 3', byte(4, 3)),
    malformed('chunks of 2 KiB', byte(5, 11)),
    malformed('chunks of 2 MiB', byte(5, 21)),
    malformed('chunks of 2^255 bytes', byte(5, 255)),
    malformed('an unknown flag', byte(6, 2)),
    malformed('another unknown flag', byte(6, 0x81)),
    malformed('a reserved bit', byte(7, 1)),
  ]
}

function makeChanged(): object[] {
  const failed = (why: string, parts: Part[], file = BASE, description: object = {}): object => ({
    ...{ why, code: 'ERR_E2EE_OPEN_FAILED', file, description, parts },
  })
  const whole = (file: number): Part => slice(file, 0, sealedOf(file).length)
  const [c0, c1, c2] = [chunk(BASE, 0), chunk(BASE, 1), chunk(BASE, 2)]
  const end = tail(BASE)
  const other = describeReferenceFile(FILES[OTHER] ?? base)
  return [
    failed('a header of another chunk size', put(BASE, 5, Uint8Array.of(13))),
    failed('a header that says padded', put(BASE, 6, Uint8Array.of(1))),
    failed('another file id', flip(BASE, 8)),
    failed('first bit of the commitment', flip(BASE, 24)),
    failed('last bit of the commitment', flip(BASE, 55)),
    failed('the header alone', [head(BASE)]),
    failed('the first chunk alone', [head(BASE), c0]),
    failed('without its last chunk', [head(BASE), c0, c1, end]),
    failed('ends within the last tag', [slice(BASE, 0, 9103)]),
    failed('without its last tag', [slice(BASE, 0, 9088)]),
    failed('ends within the first chunk', [slice(BASE, 0, 1000)]),
    failed('without its middle chunk', [head(BASE), c0, c2, end]),
    failed('without its first chunk', [head(BASE), c1, c2, end]),
    failed('goes on for a byte', [whole(BASE), { bytes: '00' }]),
    failed('goes on with its last chunk again', [whole(BASE), c2]),
    failed('goes on with another file', [whole(BASE), whole(OTHER)]),
    failed('first and second chunk exchanged', [head(BASE), c1, c0, c2, end]),
    failed('the first chunk twice', [head(BASE), c0, c0, c2, end]),
    failed('the last chunk in the place of the second', [head(BASE), c0, c2, c1, end]),
    failed('first bit of the first chunk', flip(BASE, 56)),
    failed('a bit of the first tag', flip(BASE, 56 + 4100)),
    failed('last bit of the last chunk', flip(BASE, 9104 - 17)),
    failed('last bit of the last tag', flip(BASE, 9103)),
    failed('without its index', [slice(BASE, 0, 9104)]),
    failed('without the last digest of its index', [slice(BASE, 0, 9168)]),
    failed('without the last byte of its index', [slice(BASE, 0, 9199)]),
    failed('first bit of its index', flip(BASE, 9104)),
    failed('last bit of its index', flip(BASE, -1)),
    failed('two digests of its index exchanged', [
      slice(BASE, 0, 9104),
      slice(BASE, 9136, 9168),
      slice(BASE, 9104, 9136),
      slice(BASE, 9168, 9200),
    ]),
    failed('the index of another file', [slice(BASE, 0, 9104), tail(TWIN)]),
    failed('a chunk of another file', [head(BASE), c0, chunk(OTHER, 1), c2, end]),
    failed('a chunk of another file with the same key', [head(BASE), c0, chunk(TWIN, 1), c2, end]),
    failed('the last chunk of another file with the same key', [
      head(BASE),
      c0,
      c1,
      chunk(TWIN, 2),
      end,
    ]),
    failed('the chunks of another file with the same key', [
      ...[head(BASE), chunk(TWIN, 0), chunk(TWIN, 1), chunk(TWIN, 2), tail(TWIN)],
    ]),
    failed('another file with the same key', [whole(TWIN)]),
    failed('another file', [whole(OTHER)]),
    failed('an empty file without its chunk', [head(EMPTY), tail(EMPTY)], EMPTY),
    failed(
      'an empty file with the tag of another one',
      [head(EMPTY), slice(BASE, 9088, 9104), tail(EMPTY)],
      EMPTY,
    ),
    failed('an empty file, its tag changed', flip(EMPTY, 71), EMPTY),
    failed('an empty file in place of another one', [whole(EMPTY)]),
    failed('opened with another key', [whole(BASE)], BASE, { key: other.key }),
    failed('opened with another file id', [whole(BASE)], BASE, { fileId: other.fileId }),
    failed('said to have larger chunks', [whole(BASE)], BASE, { chunkSize: 8192 }),
    failed('said to be padded', [whole(BASE)], BASE, { padded: true }),
    failed('said to be a byte shorter', [whole(BASE)], BASE, { size: 8999 }),
    failed('said to be a byte longer', [whole(BASE)], BASE, { size: 9001 }),
    failed('said to end where a chunk does', [whole(BASE)], BASE, { size: 8192 }),
    failed('cut and said to end where a chunk does', [head(BASE), c0, c1], BASE, { size: 8192 }),
    failed('said to be empty', [whole(BASE)], BASE, { size: 0 }),
    failed('said to have another digest', [whole(BASE)], BASE, { digest: other.digest }),
    failed('padded, said to be a byte shorter', [whole(PADDED)], PADDED, { size: 3999 }),
    failed('padded, said to be a byte longer', [whole(PADDED)], PADDED, { size: 4001 }),
  ]
}

/**
 * Other contents that a holder of the description seals under its key and id. The end of the file fails, in any case; a range fails
 * at once, and a stream after a beginning that is not the described content. spec F10, F16
 */
function makeReplaced(): object[] {
  const file = FILES[BASE] ?? base
  const [true0, true1, true2] = cut(file.content)
  const [false0, false1, false2] = cut(counting(77, 9000))
  const replaced = (why: string, content: (Buffer | undefined)[], index?: Part): object => {
    const forged = {
      ...file,
      content: Buffer.concat(content.map((piece) => piece ?? Buffer.alloc(0))),
    }
    const { sealed } = sealReferenceFile(forged)
    const parts = [
      { bytes: hex(sealed.subarray(0, index ? 9104 : undefined)) },
      ...(index ? [index] : []),
    ]
    return { why, file: BASE, parts, content: hex(forged.content) }
  }
  return [
    replaced('another content', [false0, false1, false2]),
    replaced('another content with the true index', [false0, false1, false2], tail(BASE)),
    replaced('another first chunk', [false0, true1, true2]),
    replaced('another chunk in the middle', [true0, false1, true2], tail(BASE)),
    replaced('another last chunk', [true0, true1, false2], tail(BASE)),
  ]
}

const cut = (content: Buffer): Buffer[] =>
  [0, 4096, 8192].map((at) => content.subarray(at, at + 4096))

/** Files that only a holder of the key can make: they fail like every other malformed file. */
function makeFaulty(): object[] {
  const faulty = (why: string, change: Partial<ReferenceFile>, file = BASE): object => {
    const { sealed, digest } = sealReferenceFile({ ...(FILES[file] ?? base), ...change })
    const description = { digest: digest.toString('base64url') }
    return { why, code: 'ERR_E2EE_OPEN_FAILED', file, description, parts: [{ bytes: hex(sealed) }] }
  }
  const [a, b] = [counting(3, 8192).subarray(0, 4096), counting(3, 8192).subarray(4096)]
  const padding = (mark: number, rest: Buffer): Buffer =>
    Buffer.concat([counting(7, 4000), Buffer.from([mark]), rest])
  return [
    faulty(
      'an empty chunk after the last full one',
      {
        pieces: [
          { bytes: a, index: 0, isLast: false },
          { bytes: b, index: 1, isLast: false },
          { bytes: Buffer.alloc(0), index: 2, isLast: true },
        ],
      },
      EXACT,
    ),
    faulty(
      'no chunk is sealed as the last one',
      {
        pieces: [
          { bytes: a, index: 0, isLast: false },
          { bytes: b, index: 1, isLast: false },
        ],
      },
      EXACT,
    ),
    faulty(
      'the first chunk is sealed as a last one',
      {
        pieces: [
          { bytes: a, index: 0, isLast: true },
          { bytes: b, index: 1, isLast: true },
        ],
      },
      EXACT,
    ),
    faulty(
      'chunks are counted from 1',
      {
        pieces: [
          { bytes: a, index: 1, isLast: false },
          { bytes: b, index: 2, isLast: true },
        ],
      },
      EXACT,
    ),
    faulty('padded with another mark', { plaintext: padding(1, Buffer.alloc(95)) }, PADDED),
    faulty('padded without a mark', { plaintext: padding(0, Buffer.alloc(95)) }, PADDED),
    faulty(
      'padding ends with a one',
      { plaintext: padding(0x80, Buffer.concat([Buffer.alloc(94), Buffer.from([1])])) },
      PADDED,
    ),
    faulty('padded too little', { plaintext: padding(0x80, Buffer.alloc(94)) }, PADDED),
  ]
}

/** Files with several rows in their index: only digests of their bytes, and the rows above the digests of the chunks. */
function makeLong(): object[] {
  return [256, 257, 513].map((chunks) => {
    const content = counting(chunks & 255, chunks * 4096 - 5)
    const file = { ...base, fileId: counting(chunks & 255, 16), content }
    const { sealed, index } = sealReferenceFile(file)
    return {
      description: describeReferenceFile(file),
      content: { first: content[0] ?? 0, length: content.length },
      sealedLength: sealed.length,
      sealedDigest: createHash('sha256').update(sealed).digest('hex'),
      above: hex(index.subarray(0, index.length - chunks * 32)),
    }
  })
}

/** One chunk that AES-GCM accepts under the chunk keys of two files; each header commits to one of them. */
function makeTwoKeys(): object {
  const content = Buffer.alloc(32)
  const one = { ...base, fileId: counting(0x20, 16), content }
  const other = { ...one, key: counting(0xc0, 32) }
  const [first, second] = [referenceFileKeys(one), referenceFileKeys(other)]
  const nonce = referenceNonce(0, true)
  const chunk = makeTwoKeyChunk([first.chunkKey, second.chunkKey], nonce)
  return {
    nonce: hex(nonce),
    chunk: hex(chunk),
    keys: [one, other].map((file, index) => {
      const { chunkKey, header } = index === 0 ? first : second
      const { digest, index: end } = sealReferenceFile({ ...file, chunks: [chunk] })
      const description = { ...describeReferenceFile(file), digest: digest.toString('base64url') }
      return { description, chunkKey: hex(chunkKey), header: hex(header), index: hex(end) }
    }),
  }
}

function makeDescriptions(): object {
  const good = { ...describeReferenceFile(base), name: 'notes.txt', type: 'text/plain' }
  const wrong = (why: string, change: object): object => ({ why, value: { ...good, ...change } })
  const without = (name: string): object => ({
    why: `without ${name}`,
    value: Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)),
  })
  const [id, key] = [base.fileId.toString('base64url'), base.key.toString('base64url')]
  return {
    accepted: [
      good,
      { ...good, name: 'Übersicht 🗝 (1).tar.gz' },
      { ...good, name: 'é'.repeat(512) },
      { ...good, name: '..a', type: '~'.repeat(255) },
      { ...good, name: '.console com10 lpt' },
      { ...good, padded: true, size: 0 },
      { ...good, size: 2 ** 36 },
      { ...good, chunkSize: 2 ** 20, size: 2 ** 44 },
      describeReferenceFile(base),
    ],
    refused: [
      ...['file', 'fileId', 'key', 'digest', 'size', 'chunkSize'].map(without),
      wrong('format 1', { file: 1 }),
      wrong('format 3', { file: 3 }),
      wrong('format as text', { file: '2' }),
      wrong('a digest of 31 bytes', { digest: counting(0, 31).toString('base64url') }),
      wrong('a digest of 33 bytes', { digest: counting(0, 33).toString('base64url') }),
      wrong('a digest that is null', { digest: null }),
      wrong('a property too many', { path: '/etc' }),
      wrong('padded as a number', { padded: 1 }),
      wrong('padded false', { padded: false }),
      wrong('a negative size', { size: -1 }),
      wrong('half a byte', { size: 0.5 }),
      wrong('a size as text', { size: '9000' }),
      wrong('a byte more than 2^24 chunks', { size: 2 ** 36 + 1 }),
      wrong('no room for the padding', { size: 2 ** 36, padded: true }),
      wrong('a size beyond exact numbers', { size: 2 ** 53, chunkSize: 2 ** 20 }),
      wrong('chunks of 2 KiB', { chunkSize: 2048 }),
      wrong('chunks of 2 MiB', { chunkSize: 2 ** 21 }),
      wrong('chunks of no power of two', { chunkSize: 5000 }),
      wrong('chunk size as text', { chunkSize: '4096' }),
      wrong('a file id of 15 bytes', { fileId: base.fileId.subarray(1).toString('base64url') }),
      wrong('a file id of 17 bytes', { fileId: counting(0, 17).toString('base64url') }),
      wrong('a file id with padding', { fileId: `${id}==` }),
      wrong('a file id that is not canonical', { fileId: `${id.slice(0, -1)}x` }),
      wrong('a key of 31 bytes', { key: counting(0, 31).toString('base64url') }),
      wrong('a key of 33 bytes', { key: counting(0, 33).toString('base64url') }),
      wrong('a key in plain base64', { key: `+${key.slice(1)}` }),
      wrong('a key as a list', { key: [1, 2, 3] }),
      wrong('an empty name', { name: '' }),
      wrong('a name that is null', { name: null }),
      wrong('a name of 1,025 bytes', { name: `${'é'.repeat(512)}a` }),
      wrong('a name with a folder', { name: 'a/b' }),
      wrong('a name with a folder of Windows', { name: 'a\\b' }),
      wrong('the name of this folder', { name: '.' }),
      wrong('the name of the folder above', { name: '..' }),
      wrong('a line feed in the name', { name: 'a\nb' }),
      wrong('a zero character in the name', { name: 'a\0b' }),
      wrong('a control character above ASCII in the name', { name: 'a\u0085b' }),
      wrong('a name that is shown backwards', { name: 'invoice\u202efdp.exe' }),
      wrong('a name with an isolate', { name: 'a\u2066b' }),
      wrong('a mark of direction in the name', { name: 'a\u200fb' }),
      wrong('a line separator in the name', { name: 'a\u2028b' }),
      wrong('a full stop at the end of the name', { name: 'a.' }),
      wrong('a space at the end of the name', { name: 'a ' }),
      wrong('the name of a device', { name: 'Con.txt' }),
      wrong('the name of a port', { name: 'lpt¹' }),
      wrong('an empty type', { type: '' }),
      wrong('a type of 256 characters', { type: 'a'.repeat(256) }),
      wrong('a line feed in the type', { type: 'text/html\n' }),
      wrong('a letter outside ASCII in the type', { type: 'téxt/plain' }),
      { why: 'a list', value: [good] },
      { why: 'null', value: null },
      { why: 'text', value: JSON.stringify(good) },
      { why: 'empty', value: {} },
    ],
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    new URL('../../../../spec/vectors/files.json', import.meta.url),
    `${JSON.stringify(makeFileVectors(), null, 2)}\n`,
  )
}
