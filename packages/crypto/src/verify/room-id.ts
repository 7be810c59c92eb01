import { textToBytes } from '@conclave/base'
import { deriveBytes, importHkdfKey } from '../hkdf.ts'

/** Length of a room's id in bytes. spec K3 */
export const ROOM_ID_BYTES = 16

/**
 * The 16 bytes of the id of the room that an access key opens: the id certifies the key. Clients and hubs derive it
 * alike. spec K3
 *
 * @param accessKey the public half, 32 bytes; read before the call returns
 */
export async function deriveRoomIdBytes(accessKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const ikm = await importHkdfKey(new Uint8Array(accessKey))
  return deriveBytes(ikm, { info: textToBytes('conclave/1 room id'), length: ROOM_ID_BYTES })
}
