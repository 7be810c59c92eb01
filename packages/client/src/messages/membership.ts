/**
 * Comings and goings in the roster: from when on everything that is said is open to a session, and from when on nothing. spec
 * R52, R53
 *
 * @module
 */
import type { Emitter } from '@conclave/base'
import type { Sealer } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import type { Admission } from '../admission/admission.ts'
import type { OwnKeys } from '../keys/own-keys.ts'
import type { OutgoingStreams } from './outgoing-streams.ts'
import type { PeerStreams } from './peer-streams.ts'
import type { RoomMessagesEvents } from './room-messages-api.ts'

/** The needs of {@link Membership}. */
export interface MembershipOptions {
  readonly sealer: Sealer
  readonly outgoing: OutgoingStreams
  readonly admission: Admission | undefined
  readonly keys: OwnKeys | undefined
  readonly events: Pick<Emitter<RoomMessagesEvents>, 'emit'>
  readonly peer: (id: ParticipantId) => PeerStreams | undefined
}

/** Tells the streams and the keys who is in the roster, and the room when a session is away, leaving or gone. */
export class Membership {
  readonly #options: MembershipOptions

  constructor(options: MembershipOptions) {
    this.#options = options
    options.keys?.on('gone', ({ participant }) => this.#gone(options.peer(participant)))
  }

  /** A session entered the roster: everything that is said from now on is open to it. */
  entered(peer: PeerStreams): void {
    this.#gone(peer)
    peer.confirmed = true
    peer.returnsAfter = undefined
    this.#options.outgoing.beginStream(peer)
    this.#options.keys?.entered(peer.id)
  }

  /** A session left the roster: nothing that is said from now on is to be open to it. */
  left(peer: PeerStreams): void {
    const { sealer, outgoing, admission, keys } = this.#options
    peer.returnsAfter = Number(sealer.next(peer.id))
    peer.closeRoom(outgoing.roomNext)
    peer.isLeaving = true
    admission?.gone(peer.id)
    if (keys?.left(peer.id) !== false) this.#gone(peer)
    else this.#tell(peer, 'leaving')
  }

  /** The hub lost a session in the roster, or names it again. */
  awayChanged(peer: PeerStreams): void {
    this.#tell(peer, peer.presence.state === 'lost' ? 'away' : 'present')
  }

  /** A session says how many messages it gave up. spec R223 */
  lost(peer: PeerStreams): void {
    const { events, outgoing } = this.#options
    const count = peer.hearLoss(outgoing.roomNext)
    if (count > 0) events.emit('messagesLost', { participant: peer.id, count })
  }

  #gone(peer: PeerStreams | undefined): void {
    if (peer?.isLeaving !== true) return
    peer.isLeaving = false
    this.#options.events.emit('left', { participant: peer.id })
  }

  #tell({ id: participant }: PeerStreams, presence: 'present' | 'away' | 'leaving'): void {
    this.#options.events.emit('presence', { participant, presence })
  }
}
