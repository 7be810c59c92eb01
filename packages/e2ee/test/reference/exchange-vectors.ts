// oxlint-disable max-lines -- one table of vectors, written in the order of its file
/**
 * Makes `spec/vectors/exchange.json`, from the reference only:
 * `node packages/e2ee/test/reference/exchange-vectors.ts`
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  codeTexts,
  describeInvitation,
  makeRequest,
  personOf,
  safetyNumberOf,
  sealReferenceKey,
  x25519PublicOf,
} from './exchange-reference.ts'
import type {
  ReferenceInvitation,
  ReferencePerson,
  ReferenceSealedKey,
} from './exchange-reference.ts'
import { lp, utf8 } from './node-reference.ts'
import { makePrekey, prekeyRecord } from './prekey-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) & 255))
const NOW = Date.UTC(2026, 10, 21)

const SECRETS = { alice: counting(0x10, 32), bob: counting(0x30, 32), carol: counting(0x50, 32) }
const [alice, bob, carol] = [
  personOf(SECRETS.alice),
  personOf(SECRETS.bob),
  personOf(SECRETS.carol),
]

const message: ReferenceSealedKey = {
  ...{ from: alice, to: bob, ephemeral: counting(0x70, 32), id: counting(0x90, 16) },
  ...{ expiresAt: NOW + 60_000, room: 'room-42', purpose: 'room key' },
  ...{ keyId: 'room-42', epoch: 3n, key: counting(0xb0, 32) },
}
const invitation: ReferenceInvitation = {
  ...{ secret: counting(0xc0, 32), inviter: alice, expiresAt: NOW + 3_600_000, room: 'room-42' },
}
const nonce = counting(0xe0, 12)

export function makeExchangeVectors(): object {
  return {
    about:
      'Chapter exchange. Bytes are hexadecimal, times milliseconds since 1970. Persons are named; their secrets are those of `identities`.',
    now: NOW,
    identities: Object.entries(SECRETS).map(([name, secret]) => {
      const { signingSeed, agreementSeed, identity, id } = personOf(secret)
      return {
        ...{ name, secret: hex(secret), signingSeed: hex(signingSeed) },
        ...{
          agreementSeed: hex(agreementSeed),
          identity: hex(identity),
          id: id.toString('base64url'),
        },
        ...codeTexts(1, identity),
      }
    }),
    safetyNumbers: [
      { one: 'alice', other: 'bob', digits: safetyNumberOf(alice, bob) },
      { one: 'alice', other: 'carol', digits: safetyNumberOf(alice, carol) },
    ],
    texts: makeTexts(),
    sealedKeys: makeSealedKeys(),
    prekeys: makePrekeys(),
    sealedToPrekeys: makeSealedToPrekeys(),
    invitations: [invitation, { ...invitation, room: 'комната', expiresAt: 0 }].map((each) => {
      const { id, requestKey, texts } = describeInvitation(each)
      return {
        ...{ inviter: 'alice', secret: hex(each.secret), room: each.room },
        ...{ expiresAt: each.expiresAt, id: id.toString('base64url'), requestKey: hex(requestKey) },
        ...texts,
      }
    }),
    requests: makeRequests(),
  }
}

/** Texts that are no identity and no invitation. */
function makeTexts(): object[] {
  const { link, qr } = codeTexts(1, bob.identity)
  const point = (at: number, start: string, rest: string): Buffer => {
    const changed = Buffer.from(bob.identity)
    Buffer.from(start + rest.repeat(31), 'hex').copy(changed, at)
    return changed
  }
  const versionTwo = Buffer.from(link, 'base64url')
  versionTwo[0] = 2
  const { texts } = describeInvitation(invitation)
  const content = Buffer.from(texts.link, 'base64url').subarray(2, -4)
  return [
    ['nothing', ''],
    ['padding', `${link}==`],
    ['white space in a link', ` ${link}`],
    ['cut off', link.slice(0, -1)],
    ['one character too many', `${link}A`],
    ['two characters swapped', `${link.slice(0, 40)}${link[41]}${link[40]}${link.slice(42)}`],
    ['the letter U', `U${qr.slice(1)}`],
    ['cut off, in a QR code', qr.slice(0, -1)],
    [
      'one character changed, in a QR code',
      `${qr.slice(0, 50)}${qr[50] === '7' ? '8' : '7'}${qr.slice(51)}`,
    ],
    ['version 2', versionTwo.toString('base64url')],
    ['type 3', codeTexts(3, bob.identity).link],
    ['an identity of 63 bytes', codeTexts(1, bob.identity.subarray(1)).link],
    ['an identity of 65 bytes', codeTexts(1, Buffer.concat([bob.identity, counting(0, 1)])).link],
    ['a signing key of order 1', codeTexts(1, point(0, '01', '00')).link],
    ['a signing key of order 4', codeTexts(1, point(0, '00', '00')).link],
    ['an agreement key of order 1', codeTexts(1, point(32, '00', '00')).link],
    ['an invitation without its room', codeTexts(2, content.subarray(0, -7)).link],
    ['an invitation whose room is cut', codeTexts(2, content.subarray(0, -1)).link],
    ['an invitation with a byte more', codeTexts(2, Buffer.concat([content, counting(0, 1)])).link],
    [
      'an invitation whose room is no UTF-8',
      codeTexts(2, Buffer.concat([content.subarray(0, -1), counting(255, 1)])).link,
    ],
    [
      'an invitation that expires beyond 2^53',
      codeTexts(2, Buffer.concat([content.subarray(0, 96), counting(255, 1), content.subarray(97)]))
        .link,
    ],
  ].map(([why, text]) => ({ why, text }))
}

/** The answer of a receiver that expects `from`, `room`, `purpose` at the time `now`. */
function makeSealedKeys(): object[] {
  const good = sealReferenceKey(message)
  const flip = (at: number): Buffer => {
    const changed = Buffer.from(good.bytes)
    const index = at < 0 ? changed.length + at : at
    changed[index] = (changed[index] ?? 0) ^ 1
    return changed
  }
  const given = { to: 'bob', from: 'alice', room: 'room-42', purpose: 'room key', now: NOW }
  const opens = (why: string, change: Partial<ReferenceSealedKey>): object => {
    const sealed = { ...message, ...change }
    const { info, content, bytes } = sealReferenceKey(sealed)
    return {
      ...{ why, reason: null, ...given, room: sealed.room, purpose: sealed.purpose },
      ...{ keyId: sealed.keyId, epoch: `${sealed.epoch}`, key: hex(sealed.key) },
      ...{
        ephemeral: hex(sealed.ephemeral),
        info: hex(info),
        content: hex(content),
        bytes: hex(bytes),
      },
    }
  }
  const drops = (
    why: string,
    reason: string,
    change: object,
    bytes: Uint8Array = good.bytes,
  ): object => ({
    ...{ why, reason, ...given, bytes: hex(bytes), ...change },
  })
  const without = (content: Buffer): Buffer => sealReferenceKey({ ...message, content }).bytes
  return [
    opens('a secret of a keyring', {}),
    opens('no names, one byte', { keyId: '', epoch: 0n, key: counting(7, 1) }),
    opens('the longest names', {
      keyId: '🔑'.repeat(63),
      epoch: 2n ** 64n - 1n,
      room: 'é'.repeat(512),
    }),
    opens('another purpose', { purpose: 'p' }),
    opens('the last moment', { expiresAt: NOW + 1 }),
    drops('no bytes', 'malformed', {}, Buffer.alloc(0)),
    drops(
      'version 2',
      'malformed',
      {},
      Buffer.from(good.bytes.map((byte, at) => (at === 0 ? 2 : byte))),
    ),
    drops(
      'a request',
      'malformed',
      {},
      Buffer.from(good.bytes.map((byte, at) => (at === 1 ? 4 : byte))),
    ),
    drops(
      'an expiry beyond 2^53',
      'malformed',
      {},
      Buffer.from(good.bytes.map((byte, at) => (at === 18 ? 255 : byte))),
    ),
    drops('shorter than one byte of a key', 'malformed', {}, good.bytes.subarray(0, 195)),
    drops('another message id', 'not-authentic', {}, flip(2)),
    drops('another expiry', 'not-authentic', {}, flip(25)),
    drops('another sender id', 'not-authentic', {}, flip(26)),
    drops('another receiver id', 'not-authentic', {}, flip(42)),
    drops('the id of a prekey in an otherwise good one', 'unknown-prekey', {}, flip(58)),
    drops('another encapsulated key', 'not-authentic', {}, flip(74)),
    drops('first byte of the ciphertext', 'not-authentic', {}, flip(106)),
    drops('first byte of the tag', 'not-authentic', {}, flip(-16)),
    drops('last byte of the tag', 'not-authentic', {}, flip(-1)),
    drops('last byte cut off', 'not-authentic', {}, good.bytes.subarray(0, -1)),
    drops('a byte appended', 'not-authentic', {}, Buffer.concat([good.bytes, counting(0, 1)])),
    drops('another room', 'not-authentic', { room: 'room-43' }),
    drops('another purpose', 'not-authentic', { purpose: 'files' }),
    drops('a letter moved from room to purpose', 'not-authentic', {
      room: 'room-4',
      purpose: '2room key',
    }),
    drops('another receiver', 'not-authentic', { to: 'carol' }),
    drops('another expected sender', 'not-authentic', { from: 'carol' }),
    drops(
      'signed by another member',
      'not-authentic',
      {},
      sealReferenceKey({ ...message, signer: carol }).bytes,
    ),
    drops(
      'signed without its context',
      'not-authentic',
      {},
      sealReferenceKey({ ...message, signed: good.content }).bytes,
    ),
    drops(
      'signed for another encapsulated key',
      'not-authentic',
      {},
      sealReferenceKey({ ...message, signed: signedFor(counting(0x71, 32)) }).bytes,
    ),
    drops(
      'not signed, and expired',
      'not-authentic',
      { now: NOW + 60_000 },
      sealReferenceKey({ ...message, signed: good.content }).bytes,
    ),
    drops('sealed to another, signed for this one', 'not-authentic', {}, sealedToCarol()),
    drops(
      'sealed and signed for this one, under the id of another receiver',
      'not-authentic',
      {},
      sealReferenceKey({ ...message, to: { ...bob, id: carol.id } }).bytes,
    ),
    drops(
      'signed by the expected sender, under the id of another',
      'not-authentic',
      {},
      sealReferenceKey({ ...message, from: { ...alice, id: carol.id } }).bytes,
    ),
    drops('expired', 'expired', { now: NOW + 60_000 }),
    drops('long expired', 'expired', { now: 2 ** 53 - 1 }),
    drops(
      'a key id longer than all',
      'malformed',
      {},
      without(Buffer.concat([counting(0, 8), counting(200, 1), utf8('x')])),
    ),
    drops(
      'no key behind the key id',
      'malformed',
      {},
      without(Buffer.concat([counting(0, 8), counting(2, 1), utf8('xy')])),
    ),
    drops(
      'a key id that is no UTF-8',
      'malformed',
      {},
      without(Buffer.from('000000000000000001ff00', 'hex')),
    ),
    drops('a key of 16,385 bytes', 'malformed', {}, without(Buffer.alloc(9 + 16_385))),
  ]
}

const PREKEY = {
  ...{ owner: bob, publicKey: x25519PublicOf(counting(0x21, 32)), use: 1, expiresAt: NOW + 9e5 },
}
const LAST_RESORT = {
  ...{ owner: bob, publicKey: x25519PublicOf(counting(0x22, 32)), use: 2, expiresAt: NOW + 9e5 },
}

/** The choice of a sender to Bob at the time `now`, of these offers. */
function makePrekeys(): object[] {
  const [oneTime, lastResort] = [makePrekey(PREKEY), makePrekey(LAST_RESORT)]
  const given = { of: 'bob', now: NOW, whenNone: 'last-resort' }
  const chosen = (why: string, id: Buffer, offers: Buffer[], change: object = {}): object => ({
    ...{ why, chosen: id.toString('base64url'), ...given, offers: offers.map(hex), ...change },
  })
  const refused = (why: string, offer: Buffer, change: object = {}): object => ({
    ...{ why, chosen: null, ...given, offers: [hex(offer)], ...change },
  })
  const flip = (at: number): Buffer =>
    Buffer.from(oneTime.bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)))
  const change = (to: Partial<Parameters<typeof makePrekey>[0]>): Buffer =>
    makePrekey({ ...PREKEY, ...to }).bytes
  return [
    chosen('a one-time prekey', oneTime.id, [oneTime.bytes]),
    chosen('a last resort', lastResort.id, [lastResort.bytes]),
    chosen('a one-time prekey before a last resort', oneTime.id, [lastResort.bytes, oneTime.bytes]),
    chosen('a good one after others', oneTime.id, [Buffer.alloc(0), flip(40), oneTime.bytes]),
    chosen('the last moment', oneTime.id, [oneTime.bytes], { now: PREKEY.expiresAt - 1 }),
    refused('a last resort, where none is wanted', lastResort.bytes, { whenNone: 'refuse' }),
    refused('no bytes', Buffer.alloc(0)),
    refused('version 2', flip(0)),
    refused('a request', flip(1)),
    refused('another kind of keys', flip(2)),
    refused('another use', flip(3)),
    refused('a use that there is not', change({ use: 3 })),
    refused('no use', change({ use: 0 })),
    refused('another expiry', flip(11)),
    refused('another owner id', flip(12)),
    refused('another public key', flip(28)),
    refused('first byte of the signature', flip(60)),
    refused('last byte of the signature', flip(123)),
    refused('last byte cut off', oneTime.bytes.subarray(0, -1)),
    refused('a byte appended', Buffer.concat([oneTime.bytes, counting(0, 1)])),
    refused('of another', change({ owner: carol })),
    refused('signed by another', change({ signer: carol })),
    refused('signed as something else', change({ label: 'conclave/1 sealed key signature' })),
    refused('another identity under the same id', change({ owner: { ...carol, id: bob.id } })),
    refused('expired', oneTime.bytes, { now: PREKEY.expiresAt }),
    refused('good for more than 90 days', change({ expiresAt: NOW + 90 * 864e5 + 1 })),
    refused('an expiry beyond 2^53', change({ expiresAt: 2 ** 53 })),
    refused('a public key of order 1', change({ publicKey: Buffer.alloc(32) })),
  ]
}

/** The answer of a receiver whose book of prekeys is `record`. */
function makeSealedToPrekeys(): object[] {
  const [oneTime, lastResort] = [makePrekey(PREKEY), makePrekey(LAST_RESORT)]
  const entries = [
    { ...PREKEY, state: 0, id: oneTime.id, seed: counting(0x21, 32) },
    { ...LAST_RESORT, state: 0, id: lastResort.id, seed: counting(0x22, 32) },
  ] as const
  const record = prekeyRecord(...entries)
  const used = prekeyRecord({ ...entries[0], state: 1, seed: Buffer.alloc(32) }, entries[1])
  const given = { to: 'bob', from: 'alice', room: 'room-42', purpose: 'room key', now: NOW }
  const seal = (change: Partial<ReferenceSealedKey>): Buffer =>
    sealReferenceKey({ ...message, ...change }).bytes
  const good = seal({ prekey: oneTime })
  const opens = (why: string, sealedTo: string, bytes: Buffer): object => ({
    ...{ why, reason: null, ...given, record: hex(record), sealedTo, key: hex(message.key) },
    bytes: hex(bytes),
  })
  const drops = (why: string, reason: string, bytes: Buffer, change: object = {}): object => ({
    ...{ why, reason, ...given, record: hex(record), bytes: hex(bytes), ...change },
  })
  const flip = (at: number): Buffer =>
    Buffer.from(good.map((byte, index) => (index === at ? byte ^ 1 : byte)))
  const late = { prekey: oneTime, expiresAt: PREKEY.expiresAt + 1000 }
  return [
    opens('to a one-time prekey', 'one-time-prekey', good),
    opens('to a last resort', 'last-resort-prekey', seal({ prekey: lastResort })),
    opens('to the identity', 'identity', seal({})),
    drops('the prekey is used', 'used-prekey', good, { record: hex(used) }),
    drops('the prekey is forgotten', 'unknown-prekey', good, { record: '01010000' }),
    drops('another prekey id', 'unknown-prekey', flip(58)),
    drops('another message id', 'not-authentic', flip(2)),
    drops('another encapsulated key', 'not-authentic', flip(74)),
    drops(
      'sealed to the identity, under the id of a prekey',
      'not-authentic',
      seal({ prekey: { ...oneTime, publicKey: bob.identity.subarray(32) } }),
    ),
    drops(
      'sealed to one prekey, under the id of another',
      'not-authentic',
      seal({ prekey: { ...oneTime, id: lastResort.id } }),
    ),
    drops('signed by another', 'not-authentic', seal({ prekey: oneTime, signer: carol })),
    drops('signed by another, expired', 'not-authentic', seal({ ...late, signer: carol }), {
      now: PREKEY.expiresAt,
    }),
    drops('to another receiver', 'not-authentic', good, { to: 'carol' }),
    drops('expired', 'expired', good, { now: message.expiresAt }),
    drops('the prekey expired', 'expired', seal(late), { now: PREKEY.expiresAt }),
  ]
}

/** The signed bytes of the message, if its ephemeral key were this one. */
function signedFor(ephemeral: Buffer): Buffer {
  const { signed } = sealReferenceKey({ ...message, ephemeral })
  return signed
}

/** Ciphertext for Carol under a header and a signature for Bob. */
function sealedToCarol(): Buffer {
  const { bytes } = sealReferenceKey({
    ...message,
    to: {
      ...bob,
      identity: Buffer.concat([bob.identity.subarray(0, 32), carol.identity.subarray(32)]),
    },
  })
  return bytes
}

/** The signing key of one person with the agreement key of another. */
const mixed = (signing: ReferencePerson, agreement: ReferencePerson): ReferencePerson => ({
  ...signing,
  identity: Buffer.concat([signing.identity.subarray(0, 32), agreement.identity.subarray(32)]),
})

/** The answer of a book that holds the first of `invitations`, whose record is `record`. */
function makeRequests(): object[] {
  const { record } = describeInvitation(invitation)
  const good = makeRequest(invitation, { invitee: bob, nonce })
  const flip = (at: number): Buffer => {
    const changed = Buffer.from(good)
    changed[at] = (changed[at] ?? 0) ^ 1
    return changed
  }
  const inState = (state: number, ...rest: Buffer[]): string => {
    const changed = Buffer.from(record)
    changed[3] = state
    if (state === 3) changed.fill(0, 20, 52)
    return hex(Buffer.concat([changed, ...rest]))
  }
  const accepted = inState(1, bob.identity)
  const answer = counting(0x40, 99)
  const answered = inState(2, bob.identity, lp(answer))
  const revoked = inState(3)
  const fromCarol = makeRequest(invitation, { invitee: carol, nonce })
  const change = (to: Partial<ReferenceInvitation>): Buffer =>
    makeRequest({ ...invitation, ...to }, { invitee: bob, nonce: counting(0xe1, 12) })
  const torsion = { ...bob, identity: Buffer.concat([Buffer.alloc(32), bob.identity.subarray(32)]) }
  const cases: [why: string, reason: string | null, bytes: Buffer, given?: object][] = [
    ['from Bob', null, good],
    ['no bytes', 'malformed', Buffer.alloc(0)],
    ['a sealed key', 'malformed', flip(1)],
    ['a byte appended', 'malformed', Buffer.concat([good, counting(0, 1)])],
    ['another invitation id', 'unknown', flip(2)],
    ['another expiry', 'not-authentic', flip(25)],
    ['another nonce', 'not-authentic', flip(26)],
    ['first byte of the ciphertext', 'not-authentic', flip(38)],
    ['last byte of the tag', 'not-authentic', flip(197)],
    ['for another room', 'not-authentic', change({ room: 'room-43' })],
    ['to another inviter', 'not-authentic', change({ inviter: carol })],
    ['with an expiry of its own', 'not-authentic', change({ expiresAt: NOW + 7_200_000 })],
    ['with another secret', 'unknown', change({ secret: counting(1, 32) })],
    [
      'in the name of another',
      'not-authentic',
      makeRequest(invitation, { invitee: bob, nonce, signer: carol }),
    ],
    [
      'with the agreement key of another',
      'not-authentic',
      makeRequest(invitation, {
        ...{ invitee: mixed(carol, bob), nonce, signer: carol, agreer: carol },
      }),
    ],
    [
      'with the signing key of another',
      'not-authentic',
      makeRequest(invitation, { invitee: mixed(bob, carol), nonce, signer: carol, agreer: carol }),
    ],
    [
      'with a key of small order',
      'not-authentic',
      makeRequest(invitation, { invitee: torsion, nonce }),
    ],
    ['expired', 'expired', good, { now: invitation.expiresAt }],
    ['from Bob, again', null, good, { record: accepted }],
    ['from Bob again, with another nonce', null, change({}), { record: accepted }],
    ['from Bob, who was answered', null, good, { record: answered, answer: hex(answer) }],
    ['from Carol, after Bob', 'used', fromCarol, { record: accepted }],
    ['from Carol, after Bob was answered', 'used', fromCarol, { record: answered }],
    ['changed, after Bob', 'not-authentic', flip(38), { record: accepted }],
    ['from Bob, after the end', 'expired', good, { record: answered, now: invitation.expiresAt }],
    ['revoked', 'revoked', good, { record: revoked }],
    ['forgotten', 'unknown', good, { record: '020000' }],
    ['the book names another room', 'other-room', good, { room: 'room-43' }],
  ]
  return cases.map(([why, reason, bytes, given]) => ({
    ...{ why, reason, inviter: 'alice', invitee: 'bob', now: NOW, record: hex(record), ...given },
    bytes: hex(bytes),
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../../../../spec/vectors/exchange.json', import.meta.url)
  writeFileSync(path, `${JSON.stringify(makeExchangeVectors(), null, 2)}\n`)
}
