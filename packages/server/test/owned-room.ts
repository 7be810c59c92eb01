/** A room whose owner is the test: its statements, from the chapter only. */
import { compareBytes, concatBytes, encodeBase64Url, uintToBytes } from '@conclave/base'
import { importSigningSeed, randomBytes, signBytes } from '@conclave/crypto'
import { deriveOwnerFingerprintBytes } from '@conclave/crypto/verify'
import { createTestRoom, type TestRoom } from '@conclave/server/testing'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RemoveMessage } from '@conclave/wire'

export interface OwnedRoom {
  readonly room: TestRoom
  /** The owner's policy that removes these sessions. spec U4 */
  policy(...removed: readonly ParticipantId[]): Promise<Uint8Array<ArrayBuffer>>
  /** The message to the hub that removes one session. */
  removal(participant: ParticipantId): Promise<RemoveMessage>
}

export async function createOwnedRoom(): Promise<OwnedRoom> {
  const { publicKey, privateKey } = await importSigningSeed(randomBytes(32))
  const room = await createTestRoom({ owner: await deriveOwnerFingerprintBytes(publicKey) })
  const policy: OwnedRoom['policy'] = async (...removed) => {
    const content = concatBytes(
      ...[[1, 1], publicKey, uintToBytes(1, 8), [0, 0, 0, 0], uintToBytes(removed.length, 2)],
      ...removed.map((id) => idToBytes(id)).toSorted(compareBytes),
    )
    const label = new TextEncoder().encode('conclave/1 policy\0')
    const signed = concatBytes(label, idToBytes(room.id), content)
    return concatBytes(content, await signBytes(privateKey, signed))
  }
  return {
    room,
    policy,
    async removal(participant) {
      const statements = [encodeBase64Url(await policy(participant))]
      return { type: 'remove', room: room.id, participant, statements }
    },
  }
}
