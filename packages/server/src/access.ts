import { decodeBase64Url } from '@conclave/base'
import { bytesToRoomId, encodeAccessProof, ID_BYTES, ROOM_ID_INFO } from '@conclave/wire'
import type { JoinMessage } from '@conclave/wire'

/** What a proof has to match on the hub's side. */
export interface AccessContext {
  /** The nonce of this connection's challenge. */
  readonly nonce: Uint8Array
  /** The hub's own hosts. */
  readonly hosts: ReadonlySet<string>
}

/**
 * Whether a join is granted. Every check is made whatever the others said, and nothing is looked up, so
 * neither the answer nor its time tells more than yes or no. Never throws for what a client sent. spec H8 H9
 */
export async function verifyAccess(join: JoinMessage, context: AccessContext): Promise<boolean> {
  const { room, participant, host } = join
  const rawKey = decodeBase64Url(join.key)
  const proof = decodeBase64Url(join.proof)
  if (rawKey === undefined || proof === undefined) return false
  const bytes = encodeAccessProof({ host, nonce: context.nonce, room, participant })
  const [derivedRoom, signed] = await Promise.all([
    deriveRoomId(rawKey),
    verifySignature({ rawKey, proof, bytes }),
  ])
  const isOurHost = context.hosts.has(host)
  return derivedRoom === room && signed && isOurHost
}

/** What the hub keeps of a resume secret, and compares. spec H16 */
export async function digestResumeSecret(resume: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(resume)))
}

/** Whether two digests are the same, in a time that does not depend on where they differ. */
export function equalDigests(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length
  for (let index = 0; index < one.length; index += 1) {
    difference |= (one[index] ?? 0) ^ (other[index] ?? 0)
  }
  return difference === 0
}

async function deriveRoomId(rawKey: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const material = await crypto.subtle.importKey('raw', rawKey, 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(ROOM_ID_INFO)
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }
  return bytesToRoomId(
    new Uint8Array(await crypto.subtle.deriveBits(algorithm, material, 8 * ID_BYTES)),
  )
}

async function verifySignature(input: {
  readonly rawKey: Uint8Array<ArrayBuffer>
  readonly proof: Uint8Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', input.rawKey, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, input.proof, input.bytes)
  } catch {
    return false // a key that is no point of the curve
  }
}
