import { encodeBase64Url } from '@conclave/base'
import { importSigningSeed, randomBytes, signBytes } from '@conclave/crypto'
import { deriveRoomIdBytes } from '@conclave/crypto/verify'
import {
  bytesToMessageId,
  bytesToParticipantId,
  bytesToRoomId,
  encodeAccessProof,
  ID_BYTES,
  PROTOCOL_VERSION,
  RESUME_BYTES,
} from '@conclave/wire'
import type { JoinMessage, MessageId, ParticipantId, RoomId } from '@conclave/wire'

/** A room whose access key a test holds. */
export interface TestRoom {
  readonly id: RoomId
  /** A join that is granted on a connection with this nonce. */
  join(context: {
    readonly nonce: Uint8Array
    readonly host: string
    readonly participant: ParticipantId
    readonly resume: string
  }): Promise<JoinMessage>
}

/** Creates a room with a fresh access key. */
export async function createTestRoom(): Promise<TestRoom> {
  const { publicKey, privateKey } = await importSigningSeed(randomBytes(32))
  const room = bytesToRoomId(await deriveRoomIdBytes(publicKey)) ?? unreachable()
  const key = encodeBase64Url(publicKey)
  return {
    id: room,
    join: async ({ nonce, host, participant, resume }) => {
      const bytes = encodeAccessProof({ host, nonce, room, participant })
      const proof = encodeBase64Url(await signBytes(privateKey, bytes))
      const version = PROTOCOL_VERSION
      return { type: 'join', version, room, participant, key, proof, host, resume }
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

/** A fresh resume secret. */
export function randomResume(): string {
  return encodeBase64Url(randomBytes(RESUME_BYTES))
}

function unreachable(): never {
  throw new Error('unreachable: random bytes of the length of an id are an id')
}
