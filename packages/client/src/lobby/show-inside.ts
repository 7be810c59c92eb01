import type { Sealer } from '@conclave/e2ee'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { OutgoingStreams } from '../messages/outgoing-streams.ts'
import type { PeerStreams } from '../messages/peer-streams.ts'
import { encodeInside } from './inside.ts'

/** Takes the names of all in the room. */
export type Show = (names: readonly string[]) => void

/** Tells a session that looks who is in, under the keys of their pair. Never rejects: it asks again. spec R66 */
export async function showInside(
  peer: PeerStreams,
  options: {
    /** Names the introduction that looks. */
    readonly question: Uint8Array
    readonly sealer: Sealer
    readonly outgoing: OutgoingStreams
    /** Gives the names to `show`, at once. */
    readonly names: (show: Show) => void
  },
): Promise<void> {
  const { question, sealer, outgoing, names } = options
  let all: readonly string[] = []
  names((given) => {
    all = given
  })
  const sendings = [
    outgoing.sendIntroduction(peer, { question, status: 'admitted' }),
    outgoing.send(MESSAGE_KINDS.lobby, encodeInside(all), peer),
  ]
  await Promise.all(sendings.map(({ sent }) => sent)).catch(() => {})
  // Nothing is repeated to it.
  peer.directLog.skipTo(Number(sealer.next(peer.id)))
}
