import { encodeBase64Url } from '@conclave/base'
import {
  bytesToMessageId,
  bytesToParticipantId,
  bytesToRoomId,
  encodeAccessProof,
  RESUME_BYTES,
  ROOM_ID_INFO,
} from '@conclave/wire'
import type { JoinMessage, MessageId, ParticipantId, RoomId } from '@conclave/wire'
import { randomBytes } from '../engine/membership-id.ts'

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

/** Makes a room with a fresh access key. */
export async function createTestRoom(): Promise<TestRoom> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('unreachable: Ed25519 keys come in pairs')
  const { privateKey, publicKey } = pair
  const key = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  const material = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(ROOM_ID_INFO)
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }
  const room = bytesToRoomId(
    new Uint8Array(await crypto.subtle.deriveBits(algorithm, material, 128)),
  )
  if (room === undefined) throw new Error('unreachable: 128 bits are an id')
  return {
    id: room,
    join: async ({ nonce, host, participant, resume }) => {
      const bytes = encodeAccessProof({ host, nonce, room, participant })
      const proof = encodeBase64Url(
        new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
      )
      return {
        type: 'join',
        version: 1,
        room,
        participant,
        key: encodeBase64Url(key),
        proof,
        host,
        resume,
      }
    },
  }
}

/** A fresh participant id. */
export function randomParticipant(): ParticipantId {
  const id = bytesToParticipantId(randomBytes(16))
  return id ?? randomParticipant()
}

/** A fresh message id. */
export function randomMessage(): MessageId {
  const id = bytesToMessageId(randomBytes(16))
  if (id === undefined) throw new Error('unreachable: 16 bytes are an id')
  return id
}

/** A fresh resume secret. */
export function randomResume(): string {
  return encodeBase64Url(randomBytes(RESUME_BYTES))
}
