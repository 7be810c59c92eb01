import { ByteReader, checkInstance, concatBytes, decodeBytes, equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, SIGNATURE_BYTES, signBytes, wipe } from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import type { RoomId } from '@conclave/wire'
import { LINK_SECRET_BYTES, LinkSecret } from '../link/link-secret.ts'
import { encodeStatement, roomToBytes } from '../session/statements.ts'
import { checkOwner, deriveOwnerFingerprint } from './owner-keys.ts'
import type { OwnerKeys } from './owner-keys.ts'
import { VERSION } from './policy.ts'
import type { OwnedRoom, RefusedStatement } from './policy-statement.ts'

/** A room that takes the place of another one, as the owner of the first says. */
export interface SignedMove {
  readonly type: 'move'
  /** The secret of the new room's link. You must treat it as that of any link. */
  readonly secret: LinkSecret
}

/**
 * Signs the secret of a new room, for the members of the one before. You must send it sealed to single members, and to
 * nobody else: whoever has it holds the link of the new room. spec U17
 *
 * @throws TypeError that names the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function signMove(
  secret: LinkSecret,
  { owner, room }: { readonly owner: OwnerKeys; readonly room: RoomId },
): Promise<Uint8Array<ArrayBuffer>> {
  checkInstance<LinkSecret>('secret', secret, { of: 'LinkSecret', method: 'unsafeExport' })
  checkOwner(owner)
  const { publicKey, privateKey } = owner.signingKeys.toStored()
  const bytes = secret.unsafeExport()
  const content = concatBytes([VERSION, MOVE_TYPE], publicKey, bytes)
  const signature = await signBytes(privateKey, encodeStatement('move', roomToBytes(room), content))
  const statement = concatBytes(content, signature)
  wipe(bytes, content)
  return statement
}

/**
 * Verifies that the owner of the room signed a move. Never throws for the bytes. spec U17
 *
 * @throws TypeError for a malformed room
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifyMove(
  bytes: unknown,
  { room, owner }: OwnedRoom,
): Promise<SignedMove | RefusedStatement> {
  const roomBytes = roomToBytes(room)
  const copy = decodeBytes(bytes, { min: MOVE_STATEMENT_BYTES, max: MOVE_STATEMENT_BYTES })
  if (copy?.[0] !== VERSION || copy[1] !== MOVE_TYPE) return refused('malformed')
  const reader = new ByteReader(copy)
  reader.take(2)
  const ownerKey = reader.copy(CURVE_KEY_BYTES)
  const secret = reader.copy(LINK_SECRET_BYTES)
  const content = copy.slice(0, reader.at)
  const signature = reader.copy(SIGNATURE_BYTES)
  if (!equalBytes(await deriveOwnerFingerprint(ownerKey), owner)) return refused('other-owner')
  const statement = encodeStatement('move', roomBytes, content)
  if (!(await verifySignature(ownerKey, signature, statement))) return refused('not-authentic')
  return { type: 'move', secret: new LinkSecret(secret) }
}

const refused = (reason: RefusedStatement['reason']): RefusedStatement => ({
  type: 'refused',
  reason,
})

const MOVE_TYPE = 3
/** Length of a move in bytes. spec U17 */
export const MOVE_STATEMENT_BYTES: number =
  2 + CURVE_KEY_BYTES + LINK_SECRET_BYTES + SIGNATURE_BYTES
