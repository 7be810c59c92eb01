/**
 * Signed messages to a room as they are sealed, and those that must not open; written by `session-vectors.ts`.
 *
 * @module
 */
import { sealMessage, utf8 } from './node-reference.ts'
import { sessionOf, signedBody } from './session-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const id = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

const alice = sessionOf(0xa1, 0xa2)
const carol = sessionOf(0xc1, 0xc2)
const ROOT = Buffer.alloc(32, 0xe1)
const ROOM = Buffer.from(Array.from({ length: 16 }, (_, index) => 0x10 + index))

interface Message {
  readonly sequence: bigint
  readonly kind: number
  readonly content: Uint8Array
}

const base: Message = { sequence: 7n, kind: 3, content: utf8('hello') }

/** spec C22: seals any body as a message of alice, as every holder of the room's keys can. */
function seal(body: Uint8Array, { sequence, kind }: Message): Buffer {
  const place = { root: ROOT, room: ROOM, sender: alice.id, recipient: Buffer.alloc(16), kind }
  return sealMessage({ ...place, salt: Buffer.alloc(8, 5), epoch: 0n, sequence, body }).bytes
}

const sealSigned = (message: Message): Buffer =>
  seal(signedBody(alice, { room: ROOM, ...message }), message)

/** Sender is alice, in the room and under the root of the vectors of introductions. */
export function makeSealedRoomMessages(): object {
  const messages: Message[] = [
    base,
    { sequence: 0n, kind: 0, content: Buffer.alloc(0) },
    { sequence: 2n ** 53n - 1n, kind: 255, content: Buffer.alloc(300, 1) },
  ]
  const signedAs = (signer: typeof alice, change: Partial<Message> & { room?: Buffer }): Buffer =>
    signedBody(signer, { room: ROOM, ...base, ...change })
  const forged: [why: string, body: Uint8Array][] = [
    ['not signed', utf8('hello')],
    ['not signed, and longer than a signature', Buffer.alloc(70, 1)],
    ['no content and no signature', Buffer.alloc(0)],
    ['signed by another session', signedAs(carol, {})],
    [
      'signed by another session in this one’s name',
      signedAs({ ...alice, signingSeed: carol.signingSeed }, {}),
    ],
    ['signed for another sequence', signedAs(alice, { sequence: 8n })],
    ['signed for another kind', signedAs(alice, { kind: 4 })],
    ['signed for another room', signedAs(alice, { room: Buffer.alloc(16, 0x20) })],
    [
      'another content under the signature',
      Buffer.concat([signedAs(alice, {}).subarray(0, 64), utf8('jello')]),
    ],
  ]
  return {
    sealedRoomMessages: messages.map((message) => ({
      ...{ sender: 'alice', root: hex(ROOT), room: id(ROOM), salt: '05'.repeat(8), epoch: '0' },
      sequence: `${message.sequence}`,
      kind: message.kind,
      content: hex(message.content),
      bytes: hex(sealSigned(message)),
    })),
    forgedRoomMessages: forged.map(([why, body]) => ({
      ...{ why, sender: 'alice', root: hex(ROOT), room: id(ROOM) },
      bytes: hex(seal(body, base)),
    })),
  }
}
