/**
 * Makes `spec/vectors/payload-envelope.json`, from the reference only:
 * `node packages/e2ee/test/reference/event-vectors.ts`
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sealReferenceEvent } from './event-reference.ts'
import type { ReferenceEvent } from './event-reference.ts'
import { publicKeyOfSeed, utf8 } from './node-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) & 255))

const base: ReferenceEvent = {
  ...{ kind: 'chat', key: counting(0x40, 32), derived: false, padded: false, bytes: false },
  ...{ keyId: 'room-42-v1', epoch: 1n, sender: '', nonce: counting(0xf0, 12) },
  ...{ fields: ['room-42', 'msg-1'], body: utf8('{"body":"Private message"}') },
}

const EVENTS: readonly ReferenceEvent[] = [
  base,
  { ...base, keyId: '', epoch: 0n, body: utf8('null') },
  { ...base, sender: 'user-1', place: { stream: 0, sequence: 0 } },
  { ...base, sender: 'user-1', place: { stream: 2 ** 53 - 1, sequence: 2 ** 53 - 1 } },
  { ...base, epoch: 2n ** 32n - 1n, keyId: '🔑'.repeat(63), sender: 'é'.repeat(127) },
  { ...base, epoch: 2n ** 53n - 1n },
  { ...base, epoch: 2n ** 53n },
  { ...base, epoch: 2n ** 64n - 1n, derived: true, keyId: '' },
  { ...base, fields: ['комната', '\u0000'], body: utf8('"\u{1f600}"') },
  { ...base, kind: 'call', fields: ['call-9001', 'call.offer'], body: utf8('{"sdp":"v=0"}') },
  { ...base, kind: 'call', fields: ['call-9001'], hiddenName: 'call.offer', body: utf8('{}') },
  { ...base, kind: 'realtime', fields: ['delivery', 'order-1001', 'delivery.private_note'] },
  { ...base, kind: 'realtime', fields: ['s', 'i'], hiddenName: 'имя', padded: true },
  { ...base, bytes: true, body: Buffer.alloc(0) },
  { ...base, bytes: true, body: counting(0, 256) },
  { ...base, padded: true, bytes: true, body: Buffer.alloc(0) },
  { ...base, padded: true, bytes: true, body: Buffer.alloc(64) },
  { ...base, padded: true, bytes: true, body: counting(1, 1000) },
  { ...base, derived: true },
  { ...base, derived: true, sender: 'user-1' },
  { ...base, derived: true, sender: 'user-2', keyId: '', epoch: 7n },
  {
    ...{ ...base, kind: 'realtime', derived: true, padded: true, bytes: true, sender: 'all' },
    ...{ fields: ['s', 'i'], hiddenName: 'n', place: { stream: 5, sequence: 2 ** 32 } },
  },
]

export function makeEventVectors(): object {
  const [good] = EVENTS
  if (good === undefined) throw new Error('no events')
  return {
    about:
      'Chapter payload, from section 5. Bytes are hexadecimal; `key` is a bare key, `secret` what the key of the event is derived from. `fields` is the context in its order, without a name that is hidden.',
    events: EVENTS.map((event) => {
      const { key, aad, plaintext, json, binary } = sealReferenceEvent(event)
      return {
        kind: event.kind,
        ...(event.derived ? { secret: hex(event.key) } : {}),
        key: hex(key),
        fields: event.fields,
        hiddenName: event.hiddenName ?? null,
        body: hex(event.body),
        plaintext: hex(plaintext),
        aad: hex(aad),
        json,
        binary: hex(binary),
      }
    }),
    signed: makeSigned(),
    dropped: makeDropped(sealReferenceEvent({ ...base, sender: 'user-1' })),
    malformed: makeMalformed(),
  }
}

/** The answer under `roomId` room-42, `messageId` msg-1 and a minimum epoch of 1, with the key of `good`. */
function makeDropped(good: ReturnType<typeof sealReferenceEvent>): object[] {
  const given = { key: hex(base.key), fields: base.fields, minEpoch: '1' }
  const flip = (at: number): string => {
    const changed = Buffer.from(good.binary)
    changed[at] = (changed[at] ?? 0) ^ 1
    return hex(changed)
  }
  const last = good.binary.length - 1
  const withPlaintext = (body: string): string =>
    hex(sealReferenceEvent({ ...base, body: Buffer.from(body, 'latin1') }).binary)
  const cases: [why: string, reason: string, change: object][] = [
    ['another key', 'other-key', { key: hex(counting(1, 32)) }],
    ['another room', 'not-authentic', { fields: ['room-43', 'msg-1'] }],
    ['another message', 'not-authentic', { fields: ['room-42', 'msg-2'] }],
    ['a field moved into the next', 'not-authentic', { fields: ['room-4', '2msg-1'] }],
    ['said to be a call', 'not-authentic', { binary: hex(good.binary).replace(/^0201/, '0202') }],
    [
      'said to be padded',
      'not-authentic',
      { binary: hex(good.binary).replace(/^020100/, '020102') },
    ],
    [
      'said to be bytes',
      'not-authentic',
      { binary: hex(good.binary).replace(/^020100/, '020104') },
    ],
    [
      'said to be derived',
      'unknown-key',
      { binary: hex(good.binary).replace(/^020100/, '020101') },
    ],
    ['a lower epoch', 'epoch-too-old', { minEpoch: '2' }],
    ['another epoch', 'not-authentic', { binary: flip(11) }],
    ['a high bit of the epoch', 'not-authentic', { binary: flip(5) }],
    ['another key id', 'not-authentic', { binary: flip(13) }],
    ['another sender', 'not-authentic', { binary: flip(23) }],
    ['another nonce', 'other-key', { binary: flip(29) }],
    ['first byte of the ciphertext', 'other-key', { binary: flip(41) }],
    ['first byte after the commitment', 'not-authentic', { binary: flip(57) }],
    ['last byte of the tag', 'not-authentic', { binary: flip(last) }],
    ['last byte cut off', 'not-authentic', { binary: hex(good.binary.subarray(0, last)) }],
    ['a byte appended', 'not-authentic', { binary: `${hex(good.binary)}00` }],
    ['no JSON', 'malformed', { binary: withPlaintext('{') }],
    ['no UTF-8', 'malformed', { binary: withPlaintext('"\xff"') }],
    ['a key __proto__', 'malformed', { binary: withPlaintext('{"__proto__":1}') }],
    [
      'a key prototype in a constructor',
      'malformed',
      { binary: withPlaintext('{"constructor":{"prototype":{}}}') },
    ],
    ['65 levels', 'malformed', { binary: withPlaintext('['.repeat(65) + ']'.repeat(65)) }],
    ['a byte order mark', 'malformed', { binary: withPlaintext('\xef\xbb\xbf1') }],
  ]
  return cases.map(([why, reason, change]) => ({
    why,
    reason,
    ...{ ...given, binary: hex(good.binary), ...change },
  }))
}

/** The answer of a receiver that knows `publicKey` as the only key of the sender user-1. */
function makeSigned(): object[] {
  const signer = counting(0x80, 32)
  const signed: ReferenceEvent = { ...base, sender: 'user-1', signer }
  const call: ReferenceEvent = { ...signed, kind: 'call', fields: ['call-9001', 'call.offer'] }
  const other = sealReferenceEvent({ ...signed, signer: counting(1, 32) })
  const moved = sealReferenceEvent({ ...signed, fields: ['room-42', 'msg-2'] })
  const taken = moved.plaintext.subarray(0, 64)
  const cases: [why: string, reason: string | null, event: ReferenceEvent, binary?: Buffer][] = [
    ['a chat message', null, signed],
    ['a call signal', null, call],
    [
      'derived key, padded, numbered, hidden name',
      null,
      {
        ...call,
        derived: true,
        padded: true,
        fields: ['call-9001'],
        hiddenName: 'call.offer',
        place: { stream: 5, sequence: 6 },
      },
    ],
    ['empty bytes', null, { ...signed, bytes: true, body: Buffer.alloc(0) }],
    ['not signed', 'unsigned', { ...base, sender: 'user-1' }],
    ['signed by another member', 'not-authentic', signed, other.binary],
    ['said to be of another sender', 'not-authentic', { ...signed, sender: 'user-2' }],
    ['the signature of another message', 'not-authentic', signed, resign(signed, taken)],
    ['zeros for a signature', 'not-authentic', signed, resign(signed, Buffer.alloc(64))],
    [
      'half a signature',
      'malformed',
      { ...signed, bytes: true },
      resign({ ...signed, bytes: true, body: Buffer.alloc(0) }, taken.subarray(32)),
    ],
  ]
  return cases.map(([why, reason, event, binary]) => {
    const sealed = sealReferenceEvent(event)
    return {
      ...{ why, reason, kind: event.kind, fields: event.fields },
      ...(event.derived ? { secret: hex(event.key) } : { key: hex(event.key) }),
      seed: hex(signer),
      publicKey: hex(publicKeyOfSeed(signer)),
      ...(reason === null ? { plaintext: hex(sealed.plaintext), aad: hex(sealed.aad) } : {}),
      binary: hex(binary ?? sealed.binary),
    }
  })
}

/** The event as its receiver would have it, had its sender put another signature in. */
function resign(event: ReferenceEvent, signature: Buffer): Buffer {
  return sealReferenceEvent({ ...event, signature }).binary
}

/** Inputs that no reader accepts as an envelope, in either encoding. */
function makeMalformed(): object[] {
  const { json, binary } = sealReferenceEvent({ ...base, sender: 'user-1' })
  const put = (at: number, value: number): string => {
    const changed = Buffer.from(binary)
    changed[at] = value
    return hex(changed)
  }
  const { sealed, ...clear } = json
  const wrong = (why: string, change: object): object => ({ why, json: { ...json, ...change } })
  const numbered = { ...json, flags: 16, stream: 1, sequence: 1 }
  const anonymous = sealReferenceEvent({ ...base, place: { stream: 1, sequence: 1 } })
  const signed = sealReferenceEvent({ ...base, signer: counting(0x80, 32) })
  return [
    { why: 'no bytes', binary: '' },
    { why: 'a header alone', binary: hex(binary.subarray(0, 13)) },
    { why: 'one byte shorter than a tag', binary: hex(binary.subarray(0, 29 + 27)) },
    { why: 'a message of a room', binary: put(0, 1) },
    { why: 'format 3', binary: put(0, 3) },
    { why: 'kind 0', binary: put(1, 0) },
    { why: 'kind 4', binary: put(1, 4) },
    { why: 'an unknown flag', binary: put(2, 64) },
    { why: 'a hidden name of a chat message', binary: put(2, 8) },
    { why: 'a key id longer than all', binary: put(3, 255) },
    { why: 'a key id that is no UTF-8', binary: put(13, 0xff) },
    { why: 'a sequence beyond 2^53 - 1', binary: hex(tooHigh()) },
    { why: 'a number without a sender', binary: hex(anonymous.binary) },
    { why: 'a number without a sender', json: anonymous.json },
    { why: 'a signature without a sender', binary: hex(signed.binary) },
    { why: 'a signature without a sender', json: signed.json },
    { why: 'null', json: null },
    { why: 'an array', json: [json] },
    { why: 'text of another text', json: JSON.stringify(JSON.stringify(json)) },
    { why: 'nothing sealed', json: clear },
    wrong('another property', { extra: 1 }),
    wrong('version as text', { v: '2' }),
    wrong('version 1', { v: 1 }),
    wrong('kind as a number', { kind: 1 }),
    wrong('an unknown kind', { kind: 'Chat' }),
    wrong('a kind of every object', { kind: 'toString' }),
    wrong('an empty key id', { keyId: '' }),
    wrong('a key id of 256 bytes', { keyId: 'é'.repeat(128) }),
    wrong('an empty sender', { sender: '' }),
    wrong('a negative epoch', { epoch: -1 }),
    wrong('a broken epoch', { epoch: 1.5 }),
    wrong('an epoch of 2^53 as a number', { epoch: 2 ** 53 }),
    wrong('an epoch below 2^53 as text', { epoch: '9007199254740991' }),
    wrong('a small epoch as text', { epoch: '1' }),
    wrong('an epoch of 2^64', { epoch: '18446744073709551616' }),
    wrong('an epoch with a leading zero', { epoch: '09007199254740992' }),
    wrong('an epoch with a sign', { epoch: '+9007199254740992' }),
    wrong('an epoch with white space', { epoch: ' 9007199254740992' }),
    wrong('an epoch with an exponent', { epoch: '9007199254740992e0' }),
    wrong('a hexadecimal epoch', { epoch: '0x20000000000000' }),
    wrong('an empty epoch', { epoch: '' }),
    wrong('an epoch of null', { epoch: null }),
    wrong('a key version in place of the epoch', { epoch: undefined, keyVersion: 1 }),
    wrong('flag 64', { flags: 64 }),
    wrong('numbers without the flag', { stream: 1, sequence: 1 }),
    wrong('the flag without numbers', { flags: 16 }),
    { why: 'a sequence of 2^53', json: { ...numbered, sequence: 2 ** 53 } },
    { why: 'a sequence as text', json: { ...numbered, sequence: '1' } },
    wrong('padding', { sealed: `${sealed}=` }),
    wrong('plain base64', { sealed: `+/${sealed.slice(2)}` }),
    wrong('white space', { sealed: ` ${sealed}` }),
    wrong('a line feed at the end', { sealed: `${sealed}\n` }),
    wrong('a character with the low byte of a right one', { sealed: widen(sealed, 20) }),
    wrong('set bits after the last byte', { sealed: `${sealed.slice(0, 70)}B` }),
    wrong('too short', { sealed: sealed.slice(0, 36) }),
    wrong('sealed as bytes', { sealed: [...binary] }),
  ]
}

/** Another character in place of one: engines that keep text in bytes may take them for the same. */
const widen = (text: string, at: number): string =>
  text.slice(0, at) + String.fromCharCode(0x100 + text.charCodeAt(at)) + text.slice(at + 1)

function tooHigh(): Buffer {
  const place = { stream: 1, sequence: 1 }
  const { binary } = sealReferenceEvent({ ...base, sender: 'user-1', place })
  const changed = Buffer.from(binary)
  changed.writeBigUInt64BE(2n ** 53n, 13 + base.keyId.length + 'user-1'.length + 8)
  return changed
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../../../../spec/vectors/payload-envelope.json', import.meta.url)
  writeFileSync(path, `${JSON.stringify(makeEventVectors(), null, 2)}\n`)
}
