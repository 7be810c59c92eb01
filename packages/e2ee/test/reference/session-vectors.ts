/**
 * Makes `spec/vectors/session.json` from the reference only:
 * `node packages/e2ee/test/reference/session-vectors.ts`
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { makeIntroductions } from './introduction-vectors.ts'
import { makeSealedRoomMessages } from './sealed-room-message-vectors.ts'
import { exportKey, publicKeyOfSeed, utf8 } from './node-reference.ts'
import {
  commitmentOf,
  pairRoot,
  personSignature,
  roomCode,
  secretOf,
  sessionOf,
  signedBody,
} from './session-reference.ts'

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
    ...makeRoomMessages(),
    ...makeSealedRoomMessages(),
    ...makePersons(),
    ...makeIntroductions(),
    pairs: makePairs(),
    ...makeRoomCodes(),
  }
}

const ROOM = Buffer.from(Array.from({ length: 16 }, (_, index) => 0x10 + index))
const OTHER_ROOM = Buffer.alloc(16, 0x20)

function makeRoomCodes(): object {
  const root = Buffer.alloc(32, 0xe1)
  const personKey = publicKeyOfSeed(Buffer.alloc(32, 0xd1))
  const entry = ({ signingKey }: typeof alice, fill: number, person?: Buffer) => ({
    signingKey,
    ...(person && { personKey: person }),
    nonce: Buffer.alloc(32, fill),
  })
  const rosters = [
    [entry(alice, 1)],
    [entry(alice, 1), entry(bob, 2)],
    [entry(alice, 1, personKey), entry(bob, 2)],
    [entry(alice, 1), entry(bob, 3)],
    [entry(alice, 1, personKey), entry(bob, 2), entry(carol, 0, personKey)],
  ]
  const places = [
    { room: ROOM, round: 0n, nonce: Buffer.alloc(32, 1) },
    { room: ROOM, round: 2n ** 64n - 1n, nonce: Buffer.alloc(32, 1) },
    { room: OTHER_ROOM, round: 1n, nonce: Buffer.alloc(32) },
  ]
  return {
    commitments: places.map(({ room, round, nonce }) => {
      const { signingKey } = alice
      const commitment = hex(commitmentOf(nonce, { room, round, signingKey }))
      const place = { room: id(room), round: `${round}`, signingKey: hex(signingKey) }
      return { ...place, nonce: hex(nonce), commitment }
    }),
    roomCodes: rosters.map((entries) => ({
      root: hex(root),
      entries: entries.map((each) => ({
        signingKey: hex(each.signingKey),
        personKey: each.personKey === undefined ? null : hex(each.personKey),
        nonce: hex(each.nonce),
      })),
      code: roomCode(entries, root),
    })),
  }
}

/** `exported` is what a label of no use gives under the pair root, at epoch 0. */
function makePairs(): object[] {
  const root = Buffer.alloc(32, 0xe1)
  return [
    { own: 'alice', other: 'bob', room: ROOM },
    { own: 'bob', other: 'alice', room: ROOM },
    { own: 'carol', other: 'alice', room: OTHER_ROOM },
  ].map(({ own, other, room }) => {
    const [one, two] = [named[own] ?? alice, named[other] ?? alice]
    const secret = pairRoot(one, two, { root, room })
    const request = { label: 'conclave/1 vector', context: Buffer.alloc(0), length: 32, epoch: 0n }
    const exported = hex(exportKey(secret, request))
    return { own, other, root: hex(root), room: id(room), pairRoot: hex(secret), exported }
  })
}

function makeRoomMessages(): object {
  const base = { room: ROOM, sequence: 7n, kind: 3, content: utf8('hello') }
  const messages = [
    base,
    { ...base, sequence: 0n, kind: 0, content: Buffer.alloc(0) },
    { ...base, sequence: 2n ** 53n - 1n, kind: 255, content: Buffer.alloc(300, 1) },
    { ...base, room: OTHER_ROOM },
  ]
  const body = signedBody(alice, base)
  const given = { signingKey: alice.signingKey, room: ROOM, sequence: 7n, kind: 3, body }
  const flip = (at: number): Buffer => {
    const changed = Buffer.from(body)
    changed[at] = (changed[at] ?? 0) ^ 1
    return changed
  }
  const signature = body.subarray(0, 64)
  const anyones = Buffer.concat([Buffer.from([1]), Buffer.alloc(63), utf8('hello')])
  const asPerson = personSignature(alice.signingSeed, { room: ROOM, ...alice })
  const refused: [why: string, change: Partial<typeof given>][] = [
    ['no bytes', { body: Buffer.alloc(0) }],
    ['one byte shorter than a signature', { body: signature.subarray(0, -1) }],
    ['the content is missing', { body: signature }],
    ['first byte of the signature', { body: flip(0) }],
    ['last byte of the signature', { body: flip(63) }],
    ['first byte of the content', { body: flip(64) }],
    ['a byte appended', { body: Buffer.concat([body, Buffer.alloc(1)]) }],
    ['another session', { signingKey: bob.signingKey }],
    ['another room', { room: OTHER_ROOM }],
    ['another sequence', { sequence: 8n }],
    ['another kind', { kind: 4 }],
    ['signed by another session', { body: signedBody(bob, base) }],
    [
      'signed as another session',
      { body: signedBody({ ...alice, signingSeed: bob.signingSeed }, base) },
    ],
    ['a signature of a person', { body: Buffer.concat([asPerson, utf8('hello')]) }],
    [
      'a key under which anyone can sign',
      { signingKey: Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]), body: anyones },
    ],
  ]
  return {
    roomMessages: messages.map((message) => ({
      sender: 'alice',
      room: id(message.room),
      sequence: `${message.sequence}`,
      kind: message.kind,
      content: hex(message.content),
      body: hex(signedBody(alice, message)),
    })),
    refusedRoomMessages: refused.map(([why, change]) => {
      const { signingKey, room, sequence, kind, body: bytes } = { ...given, ...change }
      const place = { room: id(room), sequence: `${sequence}`, kind }
      return { why, signingKey: hex(signingKey), ...place, body: hex(bytes) }
    }),
  }
}

function makePersons(): object {
  const seed = Buffer.alloc(32, 0xd1)
  const personKey = publicKeyOfSeed(seed)
  const { signingKey } = alice
  const signature = personSignature(seed, { room: ROOM, signingKey })
  const given = { personKey, room: ROOM, signingKey, signature }
  const flipped = Buffer.from(signature)
  flipped[0] = (flipped[0] ?? 0) ^ 1
  const anyones = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])
  const refused: [why: string, change: Partial<typeof given>][] = [
    ['another session', { signingKey: bob.signingKey }],
    ['another room', { room: OTHER_ROOM }],
    ['another person', { personKey: publicKeyOfSeed(Buffer.alloc(32, 0xd2)) }],
    ['a changed signature', { signature: flipped }],
    ['a shorter signature', { signature: signature.subarray(0, -1) }],
    ['no key', { personKey: Buffer.alloc(0) }],
    [
      'a key under which anyone can sign',
      { personKey: Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]), signature: anyones },
    ],
  ]
  return {
    persons: [
      { seed: hex(seed), personKey: hex(personKey), session: 'alice', room: id(ROOM) },
      { seed: hex(seed), personKey: hex(personKey), session: 'bob', room: id(OTHER_ROOM) },
    ].map((each, index) => ({
      ...each,
      signature: hex(
        personSignature(seed, {
          room: index === 0 ? ROOM : OTHER_ROOM,
          signingKey: (named[each.session] ?? alice).signingKey,
        }),
      ),
    })),
    refusedPersons: refused.map(([why, change]) => {
      const { room, ...rest } = { ...given, ...change }
      const bytes = Object.entries(rest).map(([name, value]) => [name, hex(value)])
      return { why, room: id(room), ...Object.fromEntries(bytes) }
    }),
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
