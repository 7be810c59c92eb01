/**
 * The introductions of `spec/vectors/session.json`, from the reference only.
 *
 * @module
 */
import { introductionBody, sealBody, sessionOf, signBefore } from './session-reference.ts'
import type { ReferenceIntroduction } from './session-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const id = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) & 255))

const alice = sessionOf(0xa1, 0xa2)
const bob = sessionOf(0xb1, 0xb2)
const carol = sessionOf(0xc1, 0xc2)
const NONE = Buffer.alloc(16)
const base: ReferenceIntroduction = {
  root: counting(0x40, 32),
  room: counting(0x10, 16),
  sender: alice,
  recipient: bob.id,
  salt: counting(0x60, 16),
  status: 0,
  flags: 1,
  answers: NONE,
  name: 'Alice',
}
const personSeed = Buffer.alloc(32, 0xd1)
const STATUSES = ['asks', 'admitted', 'waiting', 'refused', 'looks']

/** The vectors that open, and those that do not. */
export function makeIntroductions(): object {
  const digest = counting(0x80, 16)
  const given: ReferenceIntroduction[] = [
    base,
    { ...base, flags: 0, name: '' },
    { ...base, flags: 3, personSeed, name: 'é'.repeat(120) },
    { ...base, flags: 0, answers: digest },
    { ...base, status: 1, flags: 2, personSeed, answers: digest, name: '' },
    { ...base, status: 2, flags: 0, answers: digest, name: '' },
    { ...base, status: 3, flags: 0, answers: digest, name: '' },
    { ...base, status: 4, name: '' },
    { ...base, room: counting(0x20, 16), sender: carol, recipient: alice.id },
  ]
  return {
    introductions: given.map((each) => {
      const body = introductionBody(each)
      const sealed = sealBody(body, each)
      return {
        ...{ root: hex(each.root), room: id(each.room), sender: id(each.sender.id) },
        ...{ recipient: id(each.recipient), salt: hex(each.salt) },
        status: STATUSES[each.status] ?? '',
        wantsAnswer: (each.flags & 1) !== 0,
        answers: each.answers === NONE ? null : hex(each.answers),
        personSeed: each.personSeed === undefined ? null : hex(each.personSeed),
        ...{ name: each.name, body: hex(body), bytes: hex(sealed.bytes) },
        digest: hex(sealed.digest),
      }
    }),
    ...makeRefused(),
  }
}

/** The answer of `self` to `bytes` said to be from `from`, holding `root`. */
function makeRefused(): object {
  const body = introductionBody(base)
  const { bytes } = sealBody(body, base)
  const given = { root: base.root, room: base.room, from: alice.id, self: bob.id, bytes }
  const put = (of: Buffer, at: number, value: Uint8Array): Buffer => {
    const changed = Buffer.from(of)
    changed.set(value, at)
    return changed
  }
  const flip = (at: number): Buffer => put(bytes, at, Buffer.from([(bytes[at] ?? 0) ^ 1]))
  /** A member seals whatever it likes: here a body that is signed again, and correctly. */
  const signed = (before: Uint8Array, seed = alice.signingSeed, to = base): { bytes: Buffer } =>
    sealBody(Buffer.concat([before, signBefore(seed, { ...to, before })]), to)
  const before = body.subarray(0, -64)
  const change = (at: number, ...value: number[]): { bytes: Buffer } =>
    signed(put(before, at, Buffer.from(value)))
  const remade = (changes: Partial<ReferenceIntroduction>): { bytes: Buffer } => {
    const made = { ...base, ...changes }
    return { bytes: sealBody(introductionBody(made), base).bytes }
  }
  const withPerson = introductionBody({ ...base, flags: 3, personSeed }).subarray(0, -64)
  const asAlice = { ...carol, id: alice.id }
  const anyones = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])
  const cases: [why: string, reason: string, change: Partial<typeof given>][] = [
    ['no bytes', 'malformed', { bytes: Buffer.alloc(0) }],
    ['shorter than any', 'malformed', { bytes: bytes.subarray(0, 180) }],
    ['longer than any', 'malformed', { bytes: Buffer.concat([bytes, Buffer.alloc(400)]) }],
    ['the first byte of a message', 'malformed', { bytes: put(bytes, 0, Buffer.from([1])) }],
    ['the first byte of an event', 'malformed', { bytes: put(bytes, 0, Buffer.from([2])) }],
    ['said to be from oneself', 'reflected', { from: bob.id }],
    ['another salt', 'not-authentic', { bytes: flip(1) }],
    ['first byte of the ciphertext', 'not-authentic', { bytes: flip(17) }],
    ['last byte of the tag', 'not-authentic', { bytes: flip(bytes.length - 1) }],
    ['a byte appended', 'not-authentic', { bytes: Buffer.concat([bytes, Buffer.alloc(1)]) }],
    ['given to another session', 'not-authentic', { self: carol.id }],
    ['said to be from another session', 'not-authentic', { from: carol.id }],
    ['moved to another room', 'not-authentic', { room: counting(0x20, 16) }],
    ['opened under another root', 'not-authentic', { root: counting(0x41, 32) }],
    ['version 0', 'malformed', change(0, 0)],
    ['version 2', 'malformed', change(0, 2)],
    ['status 5', 'malformed', remade({ status: 5, name: '' })],
    ['looks, with a name', 'malformed', change(1, 4)],
    ['looks, and answers', 'malformed', remade({ status: 4, name: '', answers: counting(1, 16) })],
    ['looks, with a person', 'malformed', remade({ status: 4, flags: 3, personSeed, name: '' })],
    ['flag 4', 'malformed', change(2, 5)],
    ['flag 128', 'malformed', change(2, 129)],
    ['flag 2 without a person', 'malformed', change(2, 3)],
    ['a person without flag 2', 'malformed', signed(put(withPerson, 2, Buffer.from([1])))],
    ['a name longer than its bytes', 'malformed', change(83, 6)],
    ['a name shorter than its bytes', 'malformed', change(83, 4)],
    ['a name that is no UTF-8', 'malformed', change(84, 0xff)],
    ['a name of 241 bytes', 'malformed', remade({ name: 'a'.repeat(241) })],
    ['an answer with a name', 'malformed', remade({ status: 1, answers: counting(1, 16) })],
    ['admitted, and no answer', 'malformed', remade({ status: 1, name: '' })],
    ['waiting, and no answer', 'malformed', remade({ status: 2, name: '' })],
    ['refused, and no answer', 'malformed', remade({ status: 3, name: '' })],
    ['no signature', 'malformed', sealBody(before.subarray(0, 100), base)],
    [
      'a signature of zeros',
      'not-authentic',
      sealBody(put(body, before.length, Buffer.alloc(64)), base),
    ],
    ['signed by another session', 'not-authentic', signed(before, carol.signingSeed)],
    ['signed for another session', 'not-authentic', remade({ recipient: carol.id })],
    ['signed for another room', 'not-authentic', remade({ room: counting(0x20, 16) })],
    ['another session’s keys under this id', 'not-authentic', remade({ sender: asAlice })],
    [
      'another agreement key, not signed',
      'not-authentic',
      sealBody(put(body, 35, carol.agreementKey), base),
    ],
    ['an agreement key of small order', 'not-authentic', signed(put(before, 35, Buffer.alloc(32)))],
    ['a signing key under which anyone can sign', 'not-authentic', signed(put(before, 3, anyones))],
    [
      'a person who certified nothing',
      'not-authentic',
      signed(put(withPerson, 115, Buffer.alloc(64))),
    ],
    [
      'a person who certified another session',
      'not-authentic',
      signed(
        put(
          withPerson,
          83,
          introductionBody({ ...base, sender: carol, flags: 3, personSeed }).subarray(83, 179),
        ),
      ),
    ],
  ]
  return {
    droppedIntroductions: cases.map(([why, reason, { bytes: changed, ...rest }]) => {
      const { root, room, from, self } = { ...given, ...rest }
      const place = { room: id(room), from: id(from), self: id(self) }
      return { why, reason, root: hex(root), ...place, bytes: hex(changed ?? bytes) }
    }),
  }
}
