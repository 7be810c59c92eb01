/**
 * The other sessions that the hub names, and how long one whose connection was lost is waited for.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { LeaveReason, ParticipantId } from '@conclave/wire'
import { PeerStreams } from './peer-streams.ts'

/** The needs of a {@link Roster}. */
export interface RosterOptions {
  readonly self: ParticipantId
  readonly clock: Clock
  /** Called for each session that leaves the roster. spec R14 */
  removed(peer: PeerStreams): void
  /** Called when the connection of a session in the roster is lost, and when it is back. spec R14 */
  awayChanged(peer: PeerStreams): void
  /** A session found no place, because as many as possible are present. */
  full(): void
  /** Hears of each session that is remembered no more. */
  forgotten(peer: PeerStreams): void
  /** The sequence that the next message to a session gets: above 0, it was met before. */
  nextTo(participant: ParticipantId): number
}

/** Sessions by id. The hub's word brings one here; only its hello confirms it. spec R11 */
export class Roster {
  readonly #options: RosterOptions
  readonly #peerById = new Map<ParticipantId, PeerStreams>()
  /** Those who left last. Of others that left nothing is kept that could be repeated. */
  readonly #leftLast: PeerStreams[] = []

  constructor(options: RosterOptions) {
    this.#options = options
  }

  /** A session that the hub named at some time; it may have left. */
  get(participant: ParticipantId): PeerStreams | undefined {
    return this.#peerById.get(participant)
  }

  /** All sessions that are remembered. */
  all(): readonly PeerStreams[] {
    return [...this.#peerById.values()]
  }

  /** The ids of those that are in the roster. */
  get confirmed(): readonly ParticipantId[] {
    return this.all().flatMap(({ confirmed, id }) => (confirmed ? [id] : []))
  }

  /** The hub names a session; returns `undefined` for this session itself, and when too many are present. */
  present(participant: ParticipantId): PeerStreams | undefined {
    if (participant === this.#options.self) return undefined
    let peer = this.#peerById.get(participant)
    if (peer === undefined) {
      if (!this.#evictOne()) return undefined
      peer = new PeerStreams(participant)
      // It was forgotten; its leaving is not. spec R58
      peer.returnsAfter = this.#options.nextTo(participant) || undefined
      this.#peerById.set(participant, peer)
    }
    this.#endGrace(peer)
    const wasLost = peer.presence.state === 'lost'
    peer.presence = { state: 'present' }
    if (wasLost && peer.confirmed) this.#options.awayChanged(peer)
    return peer
  }

  /** The hub says that a session left, or that it lost the connection to it. spec R14 */
  absent(participant: ParticipantId, reason: LeaveReason): void {
    const peer = this.#peerById.get(participant)
    if (peer === undefined || peer.presence.state === 'left') return
    this.#endGrace(peer)
    if (reason === 'left') return this.#remove(peer)
    const graceTimer = this.#options.clock.setTimeout(() => this.#remove(peer), GRACE_MS)
    peer.presence = { state: 'lost', graceTimer }
    if (peer.confirmed) this.#options.awayChanged(peer)
  }

  /** Takes a session out of the roster that the hub still names. spec R72 */
  putOut(participant: ParticipantId): void {
    const peer = this.#peerById.get(participant)
    if (peer?.confirmed !== true) return
    peer.confirmed = false
    this.#options.removed(peer)
  }

  /** The hub named all who are present: sessions that it left out count as lost. spec R14 */
  presentOnly(named: ReadonlySet<ParticipantId>): void {
    for (const { id, presence } of this.all()) {
      if (presence.state === 'present' && !named.has(id)) this.absent(id, 'lost')
    }
  }

  /** Ends all timers and forgets everything. */
  close(): void {
    for (const peer of this.#peerById.values()) this.#endGrace(peer)
    this.#peerById.clear()
    this.#leftLast.length = 0
  }

  /** Forgets a session that left, or that was lost before it was met, if as many as possible are remembered; `false` when there is none. */
  #evictOne(): boolean {
    if (this.#peerById.size < MAX_PEERS) return true
    const all = this.all()
    // Names that a hub made up are waited for by nobody.
    const gone =
      all.find(({ presence }) => presence.state === 'left') ??
      all.find(({ presence, confirmed }) => presence.state === 'lost' && !confirmed)
    if (gone === undefined) {
      this.#options.full()
      return false
    }
    this.#endGrace(gone)
    this.#options.forgotten(gone)
    return this.#peerById.delete(gone.id)
  }

  #endGrace({ presence }: PeerStreams): void {
    if (presence.state === 'lost') this.#options.clock.clearTimeout(presence.graceTimer)
  }

  #remove(peer: PeerStreams): void {
    peer.presence = { state: 'left' }
    this.#leftLast.push(peer)
    const [first] = this.#leftLast.length > MAX_LEFT_LOGS ? this.#leftLast.splice(0, 1) : []
    if (first?.hasLeft === true) first.directLog.giveUp(first.directLog.next)
    if (!peer.confirmed) return
    peer.confirmed = false
    this.#options.removed(peer)
  }
}

const GRACE_MS = 90_000
/** Sessions that left and may come back after all, to which messages that were for them only are repeated. spec R182 */
const MAX_LEFT_LOGS = 16
/** With this session as many as a key source holds the keys of (K33). */
const MAX_PEERS = 1023
