// oxlint-disable max-lines -- one table of vectors, written in the order of its file
/**
 * Makes `spec/vectors/files.json`, from the reference only:
 * `node packages/e2ee/test/reference/file-vectors.ts`
 *
 * @module
 */
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
  return [
    range(0, 9000, [[0, at(2) + 824]]),
    range(0, 1, [[0, at(1)]]),
    range(4095, 4097, [[0, at(2)]]),
    range(4096, 4097, [
      [0, header],
      [at(1), at(2)],
    ]),
    range(4096, 8192, [
      [0, header],
      [at(1), at(2)],
    ]),
    range(5000, 8193, [
      [0, header],
      [at(1), at(2) + 824],
    ]),
    range(8999, 9000, [
      [0, header],
      [at(2), at(2) + 824],
    ]),
    range(8192, 20_000, [
      [0, header],
      [at(2), at(2) + 824],
    ]),
    range(5000, 5000, [[0, header]]),
    range(9000, 9001, [[0, header]]),
    range(6000, 5000, [[0, header]]),
    range(0, 0, [[0, header]], EMPTY),
    range(
      4096,
      8192,
      [
        [0, header],
        [at(1), at(2)],
      ],
      EXACT,
    ),
    range(3999, 4000, [[0, 56 + 4096 + 16]], PADDED),
  ]
}

const sealedOf = (file: number): Buffer => sealReferenceFile(FILES[file] ?? base).sealed

const slice = (file: number, from: number, to: number): Part => ({ file, from, to })
const head = (file: number): Part => slice(file, 0, 56)
const chunk = (file: number, index: number): Part => {
  const from = 56 + index * 4112
  return slice(file, from, Math.min(from + 4112, sealedOf(file).length))
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
    malformed('format 2', byte(4, 2)),
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
  const other = describeReferenceFile(FILES[OTHER] ?? base)
  return [
    failed('a header of another chunk size', put(BASE, 5, Uint8Array.of(13))),
    failed('a header that says padded', put(BASE, 6, Uint8Array.of(1))),
    failed('another file id', flip(BASE, 8)),
    failed('first bit of the commitment', flip(BASE, 24)),
    failed('last bit of the commitment', flip(BASE, 55)),
    failed('the header alone', [head(BASE)]),
    failed('the first chunk alone', [head(BASE), c0]),
    failed('without its last chunk', [head(BASE), c0, c1]),
    failed('without its last byte', [slice(BASE, 0, 9103)]),
    failed('without its last tag', [slice(BASE, 0, 9088)]),
    failed('ends within the first chunk', [slice(BASE, 0, 1000)]),
    failed('without its middle chunk', [head(BASE), c0, c2]),
    failed('without its first chunk', [head(BASE), c1, c2]),
    failed('goes on for a byte', [whole(BASE), { bytes: '00' }]),
    failed('goes on with its last chunk again', [whole(BASE), c2]),
    failed('goes on with another file', [whole(BASE), whole(OTHER)]),
    failed('first and second chunk exchanged', [head(BASE), c1, c0, c2]),
    failed('the first chunk twice', [head(BASE), c0, c0, c2]),
    failed('the last chunk in the place of the second', [head(BASE), c0, c2, c1]),
    failed('first bit of the first chunk', flip(BASE, 56)),
    failed('a bit of the first tag', flip(BASE, 56 + 4100)),
    failed('last bit of the last chunk', flip(BASE, -17)),
    failed('last bit of the last tag', flip(BASE, -1)),
    failed('a chunk of another file', [head(BASE), c0, chunk(OTHER, 1), c2]),
    failed('a chunk of another file with the same key', [head(BASE), c0, chunk(TWIN, 1), c2]),
    failed('the last chunk of another file with the same key', [
      head(BASE),
      c0,
      c1,
      chunk(TWIN, 2),
    ]),
    failed('the chunks of another file with the same key', [
      ...[head(BASE), chunk(TWIN, 0), chunk(TWIN, 1), chunk(TWIN, 2)],
    ]),
    failed('another file with the same key', [whole(TWIN)]),
    failed('another file', [whole(OTHER)]),
    failed('an empty file without its chunk', [head(EMPTY)], EMPTY),
    failed(
      'an empty file with the tag of another one',
      [head(EMPTY), slice(BASE, 9088, 9104)],
      EMPTY,
    ),
    failed('an empty file, its tag changed', flip(EMPTY, -1), EMPTY),
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
    failed('padded, said to be a byte shorter', [whole(PADDED)], PADDED, { size: 3999 }),
    failed('padded, said to be a byte longer', [whole(PADDED)], PADDED, { size: 4001 }),
  ]
}

/** Files that only a holder of the key can make: they fail like every other malformed file. */
function makeFaulty(): object[] {
  const faulty = (why: string, change: Partial<ReferenceFile>, file = BASE): object => {
    const { sealed } = sealReferenceFile({ ...(FILES[file] ?? base), ...change })
    return { why, code: 'ERR_E2EE_OPEN_FAILED', file, parts: [{ bytes: hex(sealed) }] }
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

/** One chunk that AES-GCM accepts under the chunk keys of two files; each header commits to one of them. */
function makeTwoKeys(): object {
  const content = Buffer.alloc(32)
  const one = { ...base, fileId: counting(0x20, 16), content }
  const other = { ...one, key: counting(0xc0, 32) }
  const [first, second] = [referenceFileKeys(one), referenceFileKeys(other)]
  const nonce = referenceNonce(0, true)
  return {
    nonce: hex(nonce),
    chunk: hex(makeTwoKeyChunk([first.chunkKey, second.chunkKey], nonce)),
    keys: [one, other].map((file, index) => {
      const { chunkKey, header } = index === 0 ? first : second
      const description = describeReferenceFile(file)
      return { description, chunkKey: hex(chunkKey), header: hex(header) }
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
      ...['file', 'fileId', 'key', 'size', 'chunkSize'].map(without),
      wrong('format 2', { file: 2 }),
      wrong('format as text', { file: '1' }),
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
