/**
 * Makes `spec/vectors/session.json` from the reference only:
 * `node packages/e2ee/test/reference/session-vectors.ts`
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { utf8 } from './node-reference.ts'
import { secretOf, sessionOf } from './session-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const id = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

const alice = sessionOf(0xa1, 0xa2)
const bob = sessionOf(0xb1, 0xb2)
const carol = sessionOf(0xc1, 0xc2)

export function makeSessionVectors(): object {
  return {
    about:
      'Chapter session. Bytes are hexadecimal, ids base64url, sequences decimal. `sessions` names the sessions of all parts; with the agreement keys of `smallOrder` there is no secret.',
    sessions: Object.fromEntries(
      Object.entries({ alice, bob, carol }).map(([name, session]) => [
        name,
        {
          signingSeed: hex(session.signingSeed),
          agreementSeed: hex(session.agreementSeed),
          signingKey: hex(session.signingKey),
          agreementKey: hex(session.agreementKey),
          id: id(session.id),
        },
      ]),
    ),
    smallOrder: SMALL_ORDER,
    secrets: [
      { own: 'alice', other: 'bob', salt: utf8('salt'), info: utf8('info') },
      { own: 'bob', other: 'alice', salt: utf8('salt'), info: utf8('info') },
      { own: 'alice', other: 'carol', salt: Buffer.alloc(0), info: Buffer.alloc(0) },
    ].map(({ own, other, salt, info }) => ({
      ...{ own, other, salt: hex(salt), info: hex(info) },
      secret: hex(secretOf(named[own] ?? alice, named[other] ?? alice, { salt, info })),
    })),
  }
}

const named: Readonly<Record<string, typeof alice>> = { alice, bob, carol }

/** The encodings of the points of small order on the curve of X25519, and some that are not reduced. RFC 7748 §6.1 */
const SMALL_ORDER: readonly string[] = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}ff`,
]

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    new URL('../../../../spec/vectors/session.json', import.meta.url),
    `${JSON.stringify(makeSessionVectors(), null, 2)}\n`,
  )
}
