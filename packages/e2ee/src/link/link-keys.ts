import { deriveRoomIdBytes, OWNER_FINGERPRINT_BYTES } from '@conclave/crypto/verify'
import { copyBytes, textToBytes } from '@conclave/base'
import { deriveBytes, importHkdfKey, wipe } from '@conclave/crypto'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { ACCESS_KEY_SEED_BYTES, createAccessKey } from './access-key.ts'
import type { AccessKey } from './access-key.ts'
import { noOwner, SECRET_BYTES } from './link-secret.ts'
import type { LinkSecret } from './link-secret.ts'
import { SharedKeySource } from '../keys/shared-key-source.ts'

/** The id and the keys of a room, derived from the secret of its link. */
export interface LinkKeys {
  /** The room's public id. You must compare it with the id in the link: another one means a wrong secret. */
  readonly room: RoomId
  /** Lets the hub verify that this client may join. */
  readonly access: AccessKey
  /** Seals everything in the room. You must close it when the session ends. */
  readonly keys: SharedKeySource
}

/**
 * Derives a room's id and keys from its secret, which stays the caller's. spec K2, K3
 *
 * @throws TypeError for anything but a link secret
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveLinkKeys(secret: LinkSecret): Promise<LinkKeys> {
  if (secret?.[Symbol.toStringTag] !== 'LinkSecret')
    throw new TypeError('"secret" expected LinkSecret')
  // Overwrites them.
  const material = await importHkdfKey(secret.unsafeExport().subarray(0, SECRET_BYTES))
  const derive = (info: string): Promise<Uint8Array<ArrayBuffer>> =>
    deriveBytes(material, { salt: SALT, info: textToBytes(info), length: SECRET_BYTES })
  const seed = await derive('conclave/1 access')
  const root = await derive('conclave/1 root')
  try {
    const access = await createAccessKey(seed)
    // 16 bytes are always an id.
    const room = bytesToRoomId(
      await deriveRoomIdBytes(access.publicKey, secret.ownerFingerprint),
    ) as RoomId
    return { room, access, keys: new SharedKeySource(root) }
  } finally {
    wipe(seed, root)
  }
}

/**
 * The id of the room that an access key opens. spec K3
 *
 * @param publicKey 32 bytes
 * @param options.ownerFingerprint 16 bytes; left out: nobody owns the room
 * @throws TypeError for anything else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveRoomId(
  publicKey: Uint8Array,
  { ownerFingerprint = noOwner() }: { readonly ownerFingerprint?: Uint8Array | undefined } = {},
): Promise<RoomId> {
  const accessKey = copyBytes('publicKey', publicKey, ACCESS_KEY_SEED_BYTES)
  const owner = copyBytes('ownerFingerprint', ownerFingerprint, OWNER_FINGERPRINT_BYTES)
  // 16 bytes are always an id.
  return bytesToRoomId(await deriveRoomIdBytes(accessKey, owner)) as RoomId
}

const SALT = textToBytes('conclave/1 link')
