import { decodeBase64Url } from '@conclave/base'
import { deriveRoomIdBytes, verifySignature } from '@conclave/crypto/verify'
import { bytesToRoomId, encodeAccessProof } from '@conclave/wire'
import type { JoinMessage } from '@conclave/wire'

/** The hub's side of a proof: the bytes that the client must have signed. */
export interface ProofContext {
  /** The nonce of this connection's challenge. */
  readonly nonce: Uint8Array
  /** The hub's own hosts. */
  readonly hosts: ReadonlySet<string>
}

/**
 * Whether a join proves that its sender holds the room's access key. Makes every check even if another one failed, and
 * looks nothing up, so neither the answer nor its time reveals more than yes or no. Never throws for input. spec H8 H9
 */
export async function verifyRoomProof(
  join: JoinMessage,
  { nonce, hosts }: ProofContext,
): Promise<boolean> {
  const { room, participant, host } = join
  const key = decodeBase64Url(join.key)
  const proof = decodeBase64Url(join.proof)
  if (key === undefined || proof === undefined) return false
  const [roomIdBytes, isSigned] = await Promise.all([
    deriveRoomIdBytes(key),
    verifySignature(key, proof, encodeAccessProof({ host, nonce, room, participant })),
  ])
  const isOurHost = hosts.has(host)
  return bytesToRoomId(roomIdBytes) === room && isSigned && isOurHost
}
