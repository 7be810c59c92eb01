/**
 * Makes `spec/vectors/keys-passphrase.json` from the chapter only, with the functions of `node:crypto`:
 * `node packages/e2ee/test/reference/passphrase-vectors.ts`
 *
 * @module
 */
import { argon2Sync, hkdfSync, pbkdf2Sync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exportKey, lp, u64, utf8 } from './node-reference.ts'

type Kdf =
  | { type: 'argon2id'; memoryKiB: number; iterations: number; parallelism: number }
  | { type: 'pbkdf2-sha256'; iterations: number }

interface Given {
  readonly passphrase: string
  readonly room: string
  readonly salt: Buffer
  readonly kdf: Kdf
  readonly epoch: bigint
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) & 255))

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** The typed form of a text, sign by sign. spec K36 */
function typed(text: string): string {
  const isInvisible = (code: number): boolean =>
    [0xad, 0x200b, 0x200e, 0x200f, 0xfeff].includes(code) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069)
  const codesOf = (from: string): number[] => [...from].map((sign) => sign.codePointAt(0) ?? 0)
  const visible = codesOf(text).filter((code) => !isInvisible(code))
  let out = ''
  for (const code of codesOf(String.fromCodePoint(...visible).normalize('NFKC'))) {
    const sign = String.fromCodePoint(code)
    if (code >= 0x2018 && code <= 0x201b) out += "'"
    else if (code >= 0x201c && code <= 0x201f) out += '"'
    else if ((code >= 0x2010 && code <= 0x2015) || code === 0x2212) out += '-'
    else if (!/\p{White_Space}/u.test(sign)) out += sign
    else if (!out.endsWith(' ')) out += ' '
  }
  return out.replace(/^ /, '').replace(/ $/, '')
}

/** spec K36 */
function stretch(passphrase: string, salt: Buffer, kdf: Kdf): Buffer {
  const message = utf8(typed(passphrase))
  if (kdf.type === 'pbkdf2-sha256') return pbkdf2Sync(message, salt, kdf.iterations, 32, 'sha256')
  const { memoryKiB: memory, iterations: passes, parallelism } = kdf
  return argon2Sync('argon2id', {
    ...{ message, nonce: salt, memory, passes, parallelism, tagLength: 32 },
  })
}

/** spec K37 */
function derive({ passphrase, room, salt, kdf, epoch }: Given) {
  const hkdf = (ikm: Buffer, info: Buffer, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', ikm, utf8('conclave/1 passphrase'), info, length))
  const place = Buffer.concat([lp(utf8(typed(room))), lp(salt)])
  const stretchSalt = hkdf(place, utf8('conclave/1 passphrase salt'), 16)
  const stretched = stretch(passphrase, stretchSalt, kdf)
  const costs =
    kdf.type === 'argon2id'
      ? [Buffer.of(1), u32(kdf.iterations), u32(kdf.memoryKiB), Buffer.of(kdf.parallelism)]
      : [Buffer.of(2), u32(kdf.iterations)]
  const label = utf8('conclave/1 passphrase root')
  const info = Buffer.concat([label, Buffer.of(0), ...costs, place, u64(epoch)])
  return { stretchSalt, stretched, root: hkdf(stretched, info, 32) }
}

export function makePassphraseVectors(): object {
  const request = { label: 'conclave/1 payload', context: counting(1, 48), length: 32 }
  const quick: Kdf = { type: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 }
  const pbkdf2: Kdf = { type: 'pbkdf2-sha256', iterations: 600_000 }
  const base: Given = {
    passphrase: 'pioneer velvet orbit magnet lunar satisfy',
    room: 'AAAAAAAAAAAAAAAAAAAAAQ',
    ...{ salt: Buffer.alloc(0), kdf: quick, epoch: 0n },
  }
  const cases: Given[] = [
    base,
    { ...base, room: 'private-room-42' },
    { ...base, salt: counting(0xa0, 32) },
    { ...base, epoch: 2n ** 64n - 1n },
    { ...base, kdf: { type: 'argon2id', memoryKiB: 65_536, iterations: 3, parallelism: 1 } },
    { ...base, kdf: pbkdf2 },
    { ...base, kdf: pbkdf2, salt: counting(0, 64), epoch: 7n },
    {
      ...base,
      passphrase: 'Ko\u0308nigsblau trifft 17 graue Ma\u0308use im Nebel',
      room: 'комната',
    },
    {
      ...base,
      passphrase:
        '\u00a0\u201cKo\u0308nigsblau\u201d\ttrifft \uff11\uff17\u3000Ma\u0308use\u200b \u2013 im\r\nNebel \u{1f469}\u200d\u{1f680}\n',
      room: ' Cafe\u0301  42\u00ad ',
    },
  ]
  return {
    about:
      'Chapter keys, section 7. Bytes are hexadecimal, epochs decimal. `exported` is what `request` gives under the root of the epoch.',
    request: { ...request, context: hex(request.context) },
    passphrases: cases.map((given) => {
      const { stretchSalt, stretched, root } = derive(given)
      const { passphrase, room, salt, kdf, epoch } = given
      return {
        ...{ passphrase, room, salt: hex(salt), kdf, epoch: `${epoch}` },
        ...{ stretchSalt: hex(stretchSalt), stretched: hex(stretched), root: hex(root) },
        exported: hex(exportKey(root, { ...request, epoch })),
      }
    }),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    new URL('../../../../spec/vectors/keys-passphrase.json', import.meta.url),
    `${JSON.stringify(makePassphraseVectors(), null, 2)}\n`,
  )
}
