/**
 * Makes `spec/vectors/authority.json` from the reference only:
 * `node packages/e2ee/test/reference/authority-vectors.ts`
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  fingerprintOf,
  hostStatement,
  moveStatement,
  ownerText,
  policyStatement,
} from './authority-reference.ts'
import type { ReferenceAct, ReferencePolicy } from './authority-reference.ts'
import { codeTexts } from './exchange-reference.ts'
import { publicKeyOfSeed, signWithSeed, utf8 } from './node-reference.ts'
import { sessionOf } from './session-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const id = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const idOf = (value: number): Buffer => Buffer.alloc(16, value)
const keyOf = (seed: number): Buffer => publicKeyOfSeed(Buffer.alloc(32, seed))

const ROOM = Buffer.from('00000000000000000000000000000001', 'hex')
const OTHER_ROOM = Buffer.from('00000000000000000000000000000002', 'hex')
const OWNER = Buffer.alloc(32, 0x01)
const OTHER_OWNER = Buffer.alloc(32, 0x02)
const [alicePerson, bobPerson] = [Buffer.alloc(32, 0xd1), Buffer.alloc(32, 0xd2)]
const [alice, bob, carol] = [
  sessionOf(0xa1, 0xa2),
  sessionOf(0xb1, 0xb2),
  sessionOf(0xc1, 0xc2),
] as const
const SMALL = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])

const FIRST: ReferencePolicy = {
  ...{ ownerSeed: OWNER, room: ROOM, number: 1n, rule: 1, history: 0, flags: 0 },
  hosts: [keyOf(0xd1)],
  removed: [],
}
const sorted = (entries: Buffer[]): Buffer[] => entries.toSorted(Buffer.compare)
const POLICIES: ReferencePolicy[] = [
  { ...FIRST, rule: 0, hosts: [] },
  FIRST,
  {
    ...{ ...FIRST, number: 2n, rule: 2, history: 1, flags: 1 },
    hosts: sorted([keyOf(0xd1), keyOf(0xd2)]),
    removed: sorted([alice.id, carol.id]),
  },
  { ...FIRST, room: OTHER_ROOM, number: 2n ** 53n - 1n },
  {
    ...{ ...FIRST, number: 3n },
    hosts: sorted(Array.from({ length: 64 }, (_, index) => keyOf(index))),
    removed: Array.from({ length: 1024 }, (_, index) => {
      const entry = idOf(7)
      entry.writeUInt16BE(index)
      return entry
    }),
  },
]

const ACT: ReferenceAct = {
  ...{ room: ROOM, act: 1, session: carol.id, number: 1n },
  ...{ signer: alice, personSeed: alicePerson },
}
const ACTS: ReferenceAct[] = [
  ACT,
  { ...ACT, act: 2, signer: bob, personSeed: bobPerson, number: 2n ** 53n - 1n },
  { ...ACT, personSeed: OWNER, number: 0n },
  { ...ACT, room: OTHER_ROOM },
]

const MOVE = {
  ownerSeed: OWNER,
  room: ROOM,
  secret: Buffer.from(Array.from({ length: 48 }, (_, at) => at)),
}
const MOVES = [MOVE, { ...MOVE, room: OTHER_ROOM, secret: Buffer.alloc(48, 0xff) }]

const RULES = ['open', 'ask', 'locked']
const HISTORIES = ['none', 'call']
const NAMES = new Map([
  [alice, 'alice'],
  [bob, 'bob'],
])

export function makeAuthorityVectors(): object {
  return {
    about:
      'Chapter authority. Bytes are hexadecimal, ids base64url, numbers decimal; a room and an owner of their own only where they differ. The sessions are those of `session.json`.',
    owner: { ...ownerOf(OWNER), text: ownerText(OWNER) },
    refusedOwnerTexts: refusedOwnerTexts(),
    room: id(ROOM),
    policies: POLICIES.map((policy) => {
      const { bytes, digest } = policyStatement(policy)
      return {
        room: id(policy.room),
        number: String(policy.number),
        rule: RULES[policy.rule],
        history: HISTORIES[policy.history],
        invitationEnded: policy.flags === 1,
        hosts: policy.hosts.map(hex),
        removed: policy.removed.map(id),
        statement: hex(bytes),
        digest: hex(digest),
      }
    }),
    refusedPolicies: refusedPolicies(),
    acts: ACTS.map((act) => ({
      room: id(act.room),
      act: act.act === 1 ? 'admit' : 'remove',
      session: id(act.session),
      number: String(act.number),
      signer: NAMES.get(act.signer),
      personSeed: hex(act.personSeed),
      isOwner: act.personSeed === OWNER,
      statement: hex(hostStatement(act)),
    })),
    refusedActs: refusedActs(),
    moves: MOVES.map((move) => ({
      room: id(move.room),
      secret: hex(move.secret),
      statement: hex(moveStatement(move)),
    })),
    refusedMoves: refusedMoves(),
  }
}

const ownerOf = (seed: Buffer): object => ({
  seed: hex(seed),
  key: hex(publicKeyOfSeed(seed)),
  fingerprint: hex(fingerprintOf(publicKeyOfSeed(seed))),
})

function refusedPolicies(): object[] {
  const made = (change: Partial<ReferencePolicy>): Buffer =>
    policyStatement({ ...FIRST, ...change }).bytes
  const valid = made({})
  const [one, two] = sorted([keyOf(0xd1), keyOf(0xd2)])
  const hosts = Array.from({ length: 65 }, (_, index) => keyOf(index))
  const removed = Array.from({ length: 1025 }, (_, index) => {
    const entry = idOf(7)
    entry.writeUInt16BE(index)
    return entry
  })
  const smallOwner = Buffer.concat([
    Buffer.concat([Buffer.from([1, 1]), SMALL, valid.subarray(34, -64)]),
    Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]),
  ])
  return [
    ['another room', made({ room: OTHER_ROOM }), 'not-authentic'],
    ['another owner', made({ ownerSeed: OTHER_OWNER }), 'other-owner'],
    ['the key of the owner on a statement of another one', swapOwner(valid), 'not-authentic'],
    ['a changed number', setByte(valid, 41, 3), 'not-authentic'],
    ['a changed rule', setByte(valid, 42, 0), 'not-authentic'],
    ['a changed signature', changed(valid, valid.length - 1), 'not-authentic'],
    ['a key under which anyone can sign', smallOwner, 'other-owner'],
    ['another version', setByte(valid, 0, 2), 'malformed'],
    ['another type', setByte(valid, 1, 3), 'malformed'],
    ['number 0', made({ number: 0n }), 'malformed'],
    ['a number above 2^53 - 1', made({ number: 2n ** 53n }), 'malformed'],
    ['an unknown rule', made({ rule: 3 }), 'malformed'],
    ['an unknown history', made({ history: 2 }), 'malformed'],
    ['an unknown flag', made({ flags: 2 }), 'malformed'],
    ['unsorted hosts', made({ hosts: [two ?? SMALL, one ?? SMALL] }), 'malformed'],
    ['one host twice', made({ hosts: [keyOf(1), keyOf(1)] }), 'malformed'],
    ['a host under whose key anyone can sign', made({ hosts: [SMALL] }), 'malformed'],
    ['65 hosts', made({ hosts: sorted(hosts) }), 'malformed'],
    ['unsorted sessions', made({ removed: [idOf(2), idOf(1)] }), 'malformed'],
    ['one session twice', made({ removed: [idOf(1), idOf(1)] }), 'malformed'],
    ['the id of zeros', made({ removed: [idOf(0)] }), 'malformed'],
    ['1,025 sessions', made({ removed }), 'malformed'],
    ['a byte too few', valid.subarray(0, -1), 'malformed'],
    ['a byte too many', Buffer.concat([valid, Buffer.from([0])]), 'malformed'],
    ['nothing', Buffer.alloc(0), 'malformed'],
  ].map(describe)
}

function refusedActs(): object[] {
  const made = (change: Partial<ReferenceAct>): Buffer => hostStatement({ ...ACT, ...change })
  const valid = made({})
  const anyones = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])
  const small = Buffer.concat([valid.subarray(0, 59), SMALL, anyones])
  return [
    ['another room', made({ room: OTHER_ROOM }), 'not-authentic'],
    ['another act', setByte(valid, 2, 2), 'not-authentic'],
    ['another session', changed(valid, 3), 'not-authentic'],
    ['another number', changed(valid, 26), 'not-authentic'],
    ['a changed signature', changed(valid, valid.length - 1), 'not-authentic'],
    [
      'a certificate of another session',
      withContent(replaced(valid, made({ signer: bob }))),
      'not-authentic',
    ],
    [
      'a certificate of another room',
      withContent(replaced(valid, made({ room: OTHER_ROOM }))),
      'not-authentic',
    ],
    [
      'the key of a host and a signature of another person',
      withContent(forged(valid)),
      'not-authentic',
    ],
    ['a person under whose key anyone can sign', withContent(small), 'not-authentic'],
    ['another version', setByte(valid, 0, 2), 'malformed'],
    ['an unknown act', made({ act: 3 }), 'malformed'],
    ['act 0', made({ act: 0 }), 'malformed'],
    ['the id of zeros', made({ session: idOf(0) }), 'malformed'],
    ['a number above 2^53 - 1', made({ number: 2n ** 53n }), 'malformed'],
    ['a byte too few', valid.subarray(0, -1), 'malformed'],
    ['a byte too many', Buffer.concat([valid, Buffer.from([0])]), 'malformed'],
  ].map(describe)
}

function refusedMoves(): object[] {
  const valid = moveStatement(MOVE)
  return [
    ['another room', moveStatement({ ...MOVE, room: OTHER_ROOM }), 'not-authentic'],
    ['another owner', moveStatement({ ...MOVE, ownerSeed: OTHER_OWNER }), 'other-owner'],
    ['a changed secret', changed(valid, 40), 'not-authentic'],
    ['a changed signature', changed(valid, valid.length - 1), 'not-authentic'],
    ['another version', setByte(valid, 0, 2), 'malformed'],
    ['another type', setByte(valid, 1, 1), 'malformed'],
    ['a byte too few', valid.subarray(0, -1), 'malformed'],
    ['a byte too many', Buffer.concat([valid, Buffer.from([0])]), 'malformed'],
    ['nothing', Buffer.alloc(0), 'malformed'],
  ].map(describe)
}

function refusedOwnerTexts(): object[] {
  const text = ownerText(OWNER)
  const made = [
    ['the key of another owner', ownerText(OTHER_OWNER), 'other-owner'],
    ['a changed character', `${text.slice(0, 30)}${text[30] === '7' ? '8' : '7'}${text.slice(31)}`],
    ['a group too few', text.slice(0, -7)],
    ['a group twice', `${text.slice(0, 5)}${text}`],
    ['a character of no symbol', text.replace(/.$/, 'U')],
    [
      'set bits after the end',
      text.replace(/.$/, (last) => ALPHABET[ALPHABET.indexOf(last) + 1] ?? ''),
    ],
    ['a seed of 31 bytes', ownerText(OWNER.subarray(1))],
    ['the text of an identity', codeTexts(1, OWNER).qr],
    ['the text of an invitation', codeTexts(2, OWNER).link],
    ['a seed alone', OWNER.toString('base64url')],
    ['nothing', ''],
  ]
  return made.map(([why, refused, reason = 'malformed']) => ({ why, text: refused, reason }))
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const describe = ([why, statement, reason]: (string | Buffer)[]): object => ({
  why,
  statement: hex(statement as Buffer),
  reason,
})

const changed = (bytes: Buffer, at: number): Buffer => setByte(bytes, at, (bytes[at] ?? 0) ^ 1)

function setByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}

function swapOwner(valid: Buffer): Buffer {
  const copy = policyStatement({ ...FIRST, ownerSeed: OTHER_OWNER }).bytes
  valid.copy(copy, 2, 2, 34)
  return copy
}

/** An act with the certificate of another one, without the signature. */
const replaced = (valid: Buffer, other: Buffer): Buffer =>
  Buffer.concat([valid.subarray(0, 91), other.subarray(91, 155)])

/** An act with the person key of a host, and the certificate's signature made by another person. */
const forged = (valid: Buffer): Buffer =>
  Buffer.concat([
    valid.subarray(0, 91),
    hostStatement({ ...ACT, personSeed: bobPerson }).subarray(91, 155),
  ])

/** Signed by the session again. */
function withContent(content: Buffer): Buffer {
  const statement = Buffer.concat([utf8('conclave/1 host'), Buffer.from([0]), ROOM, content])
  return Buffer.concat([content, signWithSeed(alice.signingSeed, statement)])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    new URL('../../../../spec/vectors/authority.json', import.meta.url),
    `${JSON.stringify(makeAuthorityVectors(), null, 2)}\n`,
  )
}
