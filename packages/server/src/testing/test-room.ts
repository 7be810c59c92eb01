import { encodeBase64Url } from '@conclave/base'
import { importSigningSeed, randomBytes, signBytes } from '@conclave/crypto'
import { deriveParticipantIdBytes, deriveRoomIdBytes } from '@conclave/crypto/verify'
import {
  bytesToMessageId,
  bytesToParticipantId,
  bytesToRoomId,
  encodeAccessProof,
  encodeSessionProof,
  ID_BYTES,
  PROTOCOL_VERSION,
} from '@conclave/wire'
import type { JoinMessage, MessageId, ParticipantId, RoomId } from '@conclave/wire'

/** A session whose keys a test holds. */
export interface TestSession {
  readonly participant: ParticipantId
  /** Public, base64url. */
  readonly key: string
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<string>
}

/** A room whose access key a test holds. */
export interface TestRoom {
  readonly id: RoomId
  /** A join that is granted on a connection with this nonce. */
  join(context: {
    readonly nonce: Uint8Array
    readonly host: string
    readonly session: TestSession
  }): Promise<JoinMessage>
}

/** Creates a session with a fresh key. */
export async function createTestSession(): Promise<TestSession> {
  const { publicKey, privateKey } = await importSigningSeed(randomBytes(32))
  const id = bytesToParticipantId(await deriveParticipantIdBytes(publicKey))
  return {
    participant: id ?? unreachable(),
    key: encodeBase64Url(publicKey),
    sign: async (bytes) => encodeBase64Url(await signBytes(privateKey, bytes)),
  }
}

/**
 * Creates a room with a fresh access key.
 *
 * @param options.owner the fingerprint of its owner; left out: nobody owns it
 */
export async function createTestRoom({
  owner: fingerprint = new Uint8Array(16),
}: { readonly owner?: Uint8Array } = {}): Promise<TestRoom> {
  const { publicKey, privateKey } = await importSigningSeed(randomBytes(32))
  const room = bytesToRoomId(await deriveRoomIdBytes(publicKey, fingerprint)) ?? unreachable()
  const key = encodeBase64Url(publicKey)
  const owner = encodeBase64Url(fingerprint)
  return {
    id: room,
    join: async ({ nonce, host, session }) => {
      const { participant } = session
      const context = { host, nonce, room, participant }
      const version = PROTOCOL_VERSION
      return {
        ...{ type: 'join', version, room, participant, key, owner, host, session: session.key },
        proof: encodeBase64Url(await signBytes(privateKey, encodeAccessProof(context))),
        sessionProof: await session.sign(encodeSessionProof(context)),
      }
    },
  }
}

/** A fresh room id that no key belongs to. */
export function randomRoom(): RoomId {
  return bytesToRoomId(randomBytes(ID_BYTES)) ?? unreachable()
}

/** A fresh participant id. */
export function randomParticipant(): ParticipantId {
  return bytesToParticipantId(randomBytes(ID_BYTES)) ?? unreachable()
}

/** A fresh message id. */
export function randomMessage(): MessageId {
  return bytesToMessageId(randomBytes(ID_BYTES)) ?? unreachable()
}

function unreachable(): never {
  throw new Error('unreachable: random bytes of the length of an id are an id')
}
