/**
 * Makes `spec/vectors/keys.json` and `spec/vectors/payload.json`, from the reference only.
 *
 * @module
 */
import { exportKey, linkKeys, sealMessage, signWithSeed, u64, utf8 } from './node-reference.ts'
import type { ReferenceMessage } from './node-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const id = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
/** Bytes that are easy to tell apart in a dump: `first`, `first + 1`, … */
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) & 255))

export function makeKeyVectors(): object {
  const secrets = [
    Buffer.alloc(48),
    Buffer.alloc(48, 0xff),
    counting(0, 48),
    Buffer.concat([counting(0x80, 32), Buffer.alloc(16)]),
    Buffer.concat([counting(0x80, 32), counting(0xc0, 16)]),
  ]
  const text = id(counting(0, 48))
  const wrong = (why: string, value: unknown): object => ({ why, text: value })
  return {
    about: 'Chapter keys. Bytes are hexadecimal, ids and texts base64url, epochs decimal.',
    linkSecrets: {
      accepted: secrets.map((secret) => ({ secret: hex(secret), text: id(secret) })),
      refused: [
        wrong('empty', ''),
        wrong('one character short', text.slice(0, -1)),
        wrong('one character long', `${text}A`),
        wrong('47 bytes', id(counting(0, 47))),
        wrong('49 bytes', id(counting(0, 49))),
        wrong('a secret without an owner', id(counting(0, 32))),
        wrong('padded', `${text}=`),
        wrong('padding in place of the last character', `${text.slice(0, -1)}=`),
        wrong('alphabet of plain base64, plus', `+${text.slice(1)}`),
        wrong('alphabet of plain base64, slash', `/${text.slice(1)}`),
        wrong('space in front', ` ${text}`),
        wrong('space in place of a character', ` ${text.slice(1)}`),
        wrong('line feed at the end', `${text}\n`),
        wrong('line feed in place of the last character', `${text.slice(0, -1)}\n`),
        wrong('with the hash sign', `#${text}`),
        wrong('percent-encoded', `%41${text.slice(1)}`),
        wrong('a letter outside ASCII', `\u0410${text.slice(1)}`),
        wrong('a zero character', `\0${text.slice(1)}`),
        wrong('hexadecimal', hex(counting(0, 48))),
        wrong('a number', 64),
        wrong('null', null),
        wrong('an array', [text]),
      ],
    },
    linkKeys: secrets.map((secret) => {
      const { accessSeed, accessPublicKey, root, room } = linkKeys(secret)
      const message = utf8('conclave/1 vector')
      return {
        secret: hex(secret),
        accessSeed: hex(accessSeed),
        accessPublicKey: hex(accessPublicKey),
        ownerFingerprint: hex(secret.subarray(32)),
        room: id(room),
        root: hex(root),
        message: hex(message),
        signature: hex(signWithSeed(accessSeed, message)),
      }
    }),
    exports: [
      { label: 'conclave/1 payload', context: Buffer.alloc(0), length: 32, epoch: 0n },
      { label: 'conclave/1 payload', context: Buffer.alloc(0), length: 32, epoch: 1n },
      { label: 'conclave/1 payload', context: counting(1, 48), length: 32, epoch: 0n },
      { label: 'conclave/1 media', context: counting(1, 48), length: 32, epoch: 0n },
      { label: 'conclave/1 media', context: counting(1, 40), length: 16, epoch: 7n },
      { label: 'x', context: Buffer.alloc(0), length: 1, epoch: 0n },
      { label: ' !~', context: Buffer.alloc(1), length: 33, epoch: 2n ** 32n },
      { label: 'a'.repeat(255), context: Buffer.alloc(300, 5), length: 100, epoch: 2n ** 64n - 1n },
    ].map((request) => {
      const root = counting(0x40, 32)
      const { label, context, length, epoch } = request
      const output = exportKey(root, request)
      return {
        root: hex(root),
        label,
        context: hex(context),
        length,
        epoch: `${epoch}`,
        output: hex(output),
      }
    }),
  }
}

export function makePayloadVectors(): object {
  const root = counting(0x40, 32)
  const room = counting(0x10, 16)
  const alice = counting(0xa0, 16)
  const bob = counting(0xb0, 16)
  const carol = counting(0xc0, 16)
  const everyone = Buffer.alloc(16)
  const base = {
    ...{ root, room, sender: alice, recipient: everyone, salt: counting(0xe0, 8) },
    ...{ kind: 3, epoch: 0n, sequence: 0n },
  }
  const messages: ReferenceMessage[] = [
    { ...base, body: Buffer.alloc(0) },
    { ...base, sequence: 1n, body: utf8('hello') },
    { ...base, sequence: 2n, kind: 255, body: counting(0, 256) },
    { ...base, recipient: bob, kind: 5, body: utf8('only for you') },
    { ...base, recipient: carol, kind: 5, body: utf8('only for you') },
    { ...base, sender: bob, kind: 0, body: utf8('another sender') },
    { ...base, epoch: 2n ** 64n - 1n, body: utf8('the last epoch') },
    { ...base, sequence: 2n ** 32n, body: utf8('beyond 32 bits') },
    { ...base, sequence: 2n ** 53n - 1n, body: utf8('the last sequence') },
    { ...base, room: counting(0x20, 16), body: utf8('another room') },
    { ...base, salt: Buffer.alloc(8), body: utf8('another sealer') },
    { ...base, keyId: 'room-42', epoch: 3n, body: utf8('under a keyring') },
    { ...base, keyId: '🔑'.repeat(63), recipient: bob, body: Buffer.alloc(0) },
    { ...base, recipient: bob, data: true, kind: 14, body: utf8('only for you') },
    { ...base, recipient: bob, data: true, kind: 14, sequence: 1n, body: counting(0, 256) },
  ]
  return {
    about:
      'Chapter payload. `root` is the root of the epoch; bytes are hexadecimal, ids base64url, a `recipient` of null is the room, and `data` says that a message is in the stream of data to its recipient; epochs and sequences decimal.',
    messages: messages.map((message) => {
      const { key, nonce, aad, bytes } = sealMessage(message)
      return {
        ...namesOf(message),
        data: message.data ?? false,
        keyId: message.keyId ?? '',
        kind: message.kind,
        epoch: `${message.epoch}`,
        sequence: `${message.sequence}`,
        salt: hex(message.salt),
        body: hex(message.body),
        key: hex(key),
        nonce: hex(nonce),
        aad: hex(aad),
        bytes: hex(bytes),
      }
    }),
    dropped: makeDropped(
      { ...base, recipient: bob, body: utf8('hello') },
      { bob, carol, everyone },
    ),
  }
}

const namesOf = ({ root, room, sender, recipient }: ReferenceMessage): object => ({
  root: hex(root),
  room: id(room),
  sender: id(sender),
  recipient: recipient.some((byte) => byte !== 0) ? id(recipient) : null,
})

/** The answer of `self` to `bytes` said to be from `from`, holding `root` for epoch 0 only. */
function makeDropped(
  message: ReferenceMessage,
  { bob, carol, everyone }: { bob: Buffer; carol: Buffer; everyone: Buffer },
): object[] {
  const { bytes } = sealMessage(message)
  const asData = sealMessage({ ...message, data: true }).bytes
  const toRoom = sealMessage({ ...message, recipient: everyone }).bytes
  const given: {
    from: Uint8Array
    self: Uint8Array
    room: Uint8Array
    root: Uint8Array
    bytes: Uint8Array
  } = { from: message.sender, self: bob, room: message.room, root: message.root, bytes }
  const put = (at: number, value: Uint8Array): Buffer => {
    const changed = Buffer.from(bytes)
    changed.set(value, at)
    return changed
  }
  const flip = (at: number): Buffer => put(at, Uint8Array.of((bytes[at] ?? 0) ^ 1))
  const tooLong = Buffer.concat([bytes, Buffer.alloc(65_537 - bytes.length)])
  const cases: [why: string, reason: string, change: Partial<typeof given>][] = [
    ['no bytes', 'malformed', { bytes: Buffer.alloc(0) }],
    ['one byte shorter than a message of no body', 'malformed', { bytes: bytes.subarray(0, 59) }],
    ['one byte longer than allowed', 'malformed', { bytes: tooLong }],
    ['version 0', 'malformed', { bytes: put(0, Uint8Array.of(0)) }],
    ['version 2', 'malformed', { bytes: put(0, Uint8Array.of(2)) }],
    ['audience 3', 'malformed', { bytes: put(2, Uint8Array.of(3)) }],
    ['a key id longer than all', 'malformed', { bytes: put(3, Uint8Array.of(128)) }],
    [
      'a key id that is no UTF-8',
      'malformed',
      {
        bytes: Buffer.concat([
          put(3, Uint8Array.of(1)).subarray(0, 28),
          Buffer.of(0xff),
          bytes.subarray(28),
        ]),
      },
    ],
    ['the ciphertext said to begin with a key id', 'unknown-key', { bytes: withKeyId(bytes) }],
    ['sequence 2^53', 'malformed', { bytes: put(12, u64(2n ** 53n)) }],
    ['sequence 2^64 - 1', 'malformed', { bytes: put(12, u64(2n ** 64n - 1n)) }],
    ['another kind', 'not-authentic', { bytes: flip(1) }],
    ['direct said to be for the room', 'other-key', { bytes: flip(2) }],
    ['for the room, said to be direct', 'other-key', { bytes: swapAudience(toRoom) }],
    ['direct, said to be data', 'other-key', { bytes: put(2, Uint8Array.of(2)) }],
    ['data, said to be direct', 'other-key', { bytes: swapAudience(asData) }],
    ['an epoch that is not held', 'unknown-key', { bytes: flip(11) }],
    ['another sequence', 'other-key', { bytes: flip(19) }],
    ['a high bit of the sequence', 'other-key', { bytes: flip(14) }],
    ['another salt', 'other-key', { bytes: flip(27) }],
    ['first byte of the ciphertext', 'other-key', { bytes: flip(28) }],
    ['first byte after the commitment', 'not-authentic', { bytes: flip(44) }],
    ['last byte of the tag', 'not-authentic', { bytes: flip(bytes.length - 1) }],
    ['last byte cut off', 'not-authentic', { bytes: bytes.subarray(0, -1) }],
    ['a byte appended', 'not-authentic', { bytes: Buffer.concat([bytes, Buffer.alloc(1)]) }],
    ['given to another receiver', 'other-key', { self: carol }],
    ['said to be from another sender', 'other-key', { from: carol }],
    ['said to be from oneself', 'reflected', { from: bob }],
    [
      'sent back to its sender under the other name',
      'other-key',
      { self: message.sender, from: bob },
    ],
    ['moved to another room', 'other-key', { room: Buffer.alloc(16, 9) }],
    ['opened under another root', 'other-key', { root: Buffer.alloc(32, 9) }],
  ]
  return cases.map(([why, reason, change]) => {
    const { root, room, from, self, bytes: changed } = { ...given, ...change }
    const length = changed.length > 1000 ? { zerosAppended: 65_537 - bytes.length } : {}
    const shown = changed.length > 1000 ? bytes : changed
    return {
      ...{ why, reason, root: hex(root), room: id(room), from: id(from), self: id(self) },
      ...{ bytes: hex(shown), ...length },
    }
  })
}

/** The first byte after the header as a key id, where it is one. */
function withKeyId(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  changed[3] = 1
  changed[28] = 0x61
  return changed
}

function swapAudience(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  changed[2] = 1
  return changed
}
