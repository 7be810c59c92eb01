import { decodeBase64Url } from '@conclave/base'
import type { RefusedReason, RemoveMessage } from '@conclave/wire'
import type { InboundLimits } from '../limits/inbound-limits.ts'
import type { Memberships } from './memberships.ts'
import { verifyRemoval } from './removal-proof.ts'

/** The parts of {@link removeParticipant}. */
export interface RemovalOptions {
  readonly memberships: Memberships
  readonly inbound: InboundLimits
  readonly refuse: (reason: RefusedReason) => void
}

/** Removes a session from a room of the connection, if the statements of its owner and hosts say so. spec H37 */
export async function removeParticipant(
  { room, participant, statements: texts }: RemoveMessage,
  { memberships, inbound, refuse }: RemovalOptions,
): Promise<void> {
  const membership = memberships.findRoom(room)
  if (membership === undefined) return refuse('unknown-channel')
  const { channel } = membership
  // Several members say it.
  if (!channel.has(participant)) return
  if (!inbound.countRemoval()) return refuse('rate')
  const statements = texts.map((text) => decodeBase64Url(text) ?? new Uint8Array())
  const owner = decodeBase64Url(membership.owner) ?? new Uint8Array()
  const isRemoved = await verifyRemoval({ room, owner, participant, statements })
  if (!isRemoved) return refuse('malformed')
  await channel.remove(participant)
}
