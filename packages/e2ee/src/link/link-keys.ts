import { bytesToRoomId, ID_BYTES, ROOM_ID_INFO } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { ACCESS_KEY_SEED_BYTES, createAccessKey } from './access-key.ts'
import type { AccessKey } from './access-key.ts'
import { copyBytes, textToBytes } from '../bytes.ts'
import { importHkdfKey } from '../hkdf.ts'
import type { LinkSecret } from './link-secret.ts'
import { SHARED_SECRET_BYTES, SharedKeySource } from '../keys/shared-key-source.ts'

/** Everything that the secret of a link opens. */
export interface LinkKeys {
  /** The room's public id. You must compare it with the id in the link: another one means a wrong secret. */
  readonly room: RoomId
  /** Lets the hub verify that this client may join. */
  readonly access: AccessKey
  /** Seals everything in the room. You must close it when the session ends. */
  readonly keys: SharedKeySource
}

/**
 * Derives a room's id and keys from its secret. The secret stays the caller's. spec K2, K3
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveLinkKeys(secret: LinkSecret): Promise<LinkKeys> {
  const material = await importHkdfKey(secret.unsafeExport())
  const seed = await material.derive({ salt: SALT, info: ACCESS, length: ACCESS_KEY_SEED_BYTES })
  const root = await material.derive({ salt: SALT, info: ROOT, length: SHARED_SECRET_BYTES })
  try {
    const access = await createAccessKey(seed)
    const room = await deriveRoomId(access.publicKey)
    return { room, access, keys: new SharedKeySource(root) }
  } finally {
    seed.fill(0)
    root.fill(0)
  }
}

/**
 * The id of the room that an access key opens. spec K3
 *
 * @param publicKey 32 bytes
 * @throws TypeError for anything else
 */
export async function deriveRoomId(publicKey: Uint8Array): Promise<RoomId> {
  const material = await importHkdfKey(copyBytes('publicKey', publicKey, ACCESS_KEY_SEED_BYTES))
  const info = textToBytes(ROOM_ID_INFO)
  const room = bytesToRoomId(await material.derive({ salt: NO_SALT, info, length: ID_BYTES }))
  if (room === undefined) throw new Error('unreachable: 16 bytes are a room id')
  return room
}

const SALT = textToBytes('conclave/1 link')
const ACCESS = textToBytes('conclave/1 access')
const ROOT = textToBytes('conclave/1 root')
const NO_SALT = new Uint8Array()
