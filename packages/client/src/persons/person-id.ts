import { concatBytes, encodeBase64Url } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import { type Brand, type RoomId, idToBytes } from '@conclave/wire'

/** Names a person of one room: the same in all sessions of one browser, and another one in each room. spec R86 */
export type PersonId = Brand<string, 'PersonId'>

/** The id of the person that has a key in a room. It tells nothing of the key. spec R86 */
export async function derivePersonId(
  personKey: Uint8Array,
  { room }: { readonly room: RoomId },
): Promise<PersonId> {
  const label = new TextEncoder().encode('conclave/1 person id\0')
  const digest = await hashBytes(concatBytes(label, idToBytes(room), personKey))
  return encodeBase64Url(digest.subarray(0, PERSON_ID_BYTES)) as PersonId
}

const PERSON_ID_BYTES = 16
