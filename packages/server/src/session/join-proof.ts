import { decodeBase64Url } from '@conclave/base'
import {
  deriveParticipantIdBytes,
  deriveRoomIdBytes,
  verifySignature,
} from '@conclave/crypto/verify'
import {
  bytesToParticipantId,
  bytesToRoomId,
  encodeAccessProof,
  encodeSessionProof,
} from '@conclave/wire'
import type { JoinMessage } from '@conclave/wire'

/** The hub's side of the proofs: the bytes that the client must have signed. */
export interface ProofContext {
  /** The nonce of this connection's challenge. */
  readonly nonce: Uint8Array
  /** The hub's own hosts. */
  readonly hosts: ReadonlySet<string>
}

/**
 * Whether a join proves that its sender holds the room's access key and the key of the session that it names. Makes
 * every check even if another one failed, and looks nothing up, so neither the answer nor its time reveals more than yes
 * or no. Never throws for input. spec H8 H9 H17
 */
export async function verifyJoin(
  join: JoinMessage,
  { nonce, hosts }: ProofContext,
): Promise<boolean> {
  const { room, participant, host } = join
  const [key, owner, proof, session, sessionProof] = [
    decodeBase64Url(join.key),
    decodeBase64Url(join.owner),
    decodeBase64Url(join.proof),
    decodeBase64Url(join.session),
    decodeBase64Url(join.sessionProof),
  ]
  if (key === undefined || owner === undefined || proof === undefined) return false
  if (session === undefined || sessionProof === undefined) return false
  const context = { host, nonce, room, participant }
  const [roomIdBytes, participantIdBytes, isRoomSigned, isSessionSigned] = await Promise.all([
    deriveRoomIdBytes(key, owner),
    deriveParticipantIdBytes(session),
    verifySignature(key, proof, encodeAccessProof(context)),
    verifySignature(session, sessionProof, encodeSessionProof(context)),
  ])
  const isRoom = bytesToRoomId(roomIdBytes) === room
  const isParticipant = bytesToParticipantId(participantIdBytes) === participant
  return [isRoom, isParticipant, isRoomSigned, isSessionSigned, hosts.has(host)].every(Boolean)
}
