import type { ParticipantId } from '@conclave/wire'
import type { PeerStreams } from '../messages/peer-streams.ts'
import type { PersonId } from './person-id.ts'

/**
 * The sessions whose connection was lost while a later one of the same person is here: a page that was loaded again
 * takes the place of the one before it. spec R87
 *
 * @param peers in the order in which this session met them
 */
export function replacedSessions(
  peers: readonly PeerStreams[],
  personOf: (participant: ParticipantId) => PersonId | undefined,
): readonly ParticipantId[] {
  const present = new Set<PersonId>()
  const replaced: ParticipantId[] = []
  for (const { id, isHere, presence } of peers.toReversed()) {
    const person = personOf(id)
    if (person === undefined) continue
    if (isHere) present.add(person)
    else if (presence.state === 'lost' && present.has(person)) replaced.push(id)
  }
  return replaced
}
