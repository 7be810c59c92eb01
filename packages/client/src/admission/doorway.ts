/**
 * Introductions as they come in: whoever is admitted is met, everybody else gets an answer and nothing more. spec R70
 *
 * @module
 */
import { type Clock, RateLimiter } from '@conclave/base'
import type { DropReason } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import type { HelloExchange } from '../messages/hello-exchange.ts'
import type { Introductions, ReceivedIntroduction } from '../messages/introductions.ts'
import type { PeerStreams } from '../messages/peer-streams.ts'
import type { Roster } from '../messages/roster.ts'
import type { Admission, Verdict } from './admission.ts'

/** The needs of a {@link Doorway}. */
export interface DoorwayOptions {
  readonly introductions: Introductions
  /** Left out: everybody is admitted. */
  readonly admission: Admission | undefined
  readonly roster: Roster
  readonly hellos: HelloExchange
  readonly clock: Clock
  readonly drop: (reason: DropReason | 'flood') => void
  /** Answers a session that looks, to which keys of the pair exist: who is in. */
  readonly looked: (peer: PeerStreams, question: Uint8Array) => Promise<void>
  /** A lower layer failed. */
  readonly failed: (error: unknown) => void
}

/** Opens introductions, and remembers those of sessions that are not let in, as long as the roster remembers these. */
export class Doorway {
  readonly #options: DoorwayOptions
  readonly #pendingById = new Map<ParticipantId, Pending>()
  readonly #introduced = new RateLimiter(INTRODUCED)
  readonly #looks = new RateLimiter(LOOKS)
  /** The sessions that were told who is in: the sealer never forgets how much was sealed to each. spec R66 */
  readonly #told = new Set<ParticipantId>()
  #closed = false

  constructor(options: DoorwayOptions) {
    this.#options = options
    const { admission } = options
    admission?.on('putOut', ({ participant }) => this.#putOut(participant))
    admission?.on('reconsider', () => this.#reconsider())
  }

  /** Opens an introduction of a session. */
  async open(peer: PeerStreams, payload: Uint8Array): Promise<void> {
    const { introductions, admission, roster, hellos, clock, drop } = this.#options
    const nowMs = clock.now()
    const isBounded =
      peer.introduced.take(nowMs) && (peer.confirmed || this.#introduced.take(nowMs))
    if (!isBounded) return drop('flood')
    const received = await introductions.open(peer.id, payload)
    if (this.#closed || peer.presence.state === 'left') return
    if (received.type === 'dropped') return drop(received.reason)
    roster.present(peer.id)
    const { status } = received
    if (status === 'looks') return this.#looked(peer, received)
    if (status !== 'asks') admission?.answered(peer.id, status)
    if (status === 'waiting' || status === 'refused') return hellos.told(peer)
    await this.#decide(peer, received)
  }

  /** Whether a session may enter the roster now. */
  lets({ id }: PeerStreams): boolean {
    const { introductions, admission } = this.#options
    const introduction = introductions.of(id)
    return (
      introduction !== undefined &&
      (admission?.judge(id, introduction) ?? 'admitted') === 'admitted'
    )
  }

  /** A session entered the roster. */
  met({ id }: PeerStreams): void {
    this.#options.admission?.met(id, this.#options.introductions.of(id)?.personKey)
  }

  /** Whether a session was told that it is not let in. */
  isDenied({ id }: PeerStreams): boolean {
    const verdict = this.#pendingById.get(id)?.verdict
    return verdict === 'waiting' || verdict === 'refused'
  }

  /** The hub names all others that are present. */
  up(named: ReadonlySet<ParticipantId>): void {
    for (const { id } of this.#options.roster.all()) if (!named.has(id)) this.absent(id)
    this.#options.admission?.up(named)
  }

  /** The hub no longer names a session: if it was not met, its question and its answers are gone. */
  absent(id: ParticipantId): void {
    if (this.#options.roster.get(id)?.confirmed === true) return
    this.#pendingById.delete(id)
    this.#options.admission?.gone(id)
  }

  /** A session is remembered no more. */
  forget({ id }: PeerStreams): void {
    this.#options.introductions.forget(id)
    this.#pendingById.delete(id)
  }

  /** Decides nothing from now on. */
  close(): void {
    this.#closed = true
    this.#pendingById.clear()
  }

  /**
   * A session looks who is in, and does not ask to be one of them. It is told who is in where it would be admitted, and
   * elsewhere only that it would not. Nothing is kept of it. spec R65
   */
  async #looked(peer: PeerStreams, received: ReceivedIntroduction): Promise<void> {
    const { introductions, admission, hellos, clock, drop, looked } = this.#options
    const { id, confirmed } = peer
    const { question } = received
    hellos.forget(peer)
    if (confirmed || question === undefined) return drop('malformed')
    const status = admission?.judge(id, received) ?? 'admitted'
    if (status === 'held') return
    if (!this.#looks.take(clock.now())) return drop('flood')
    if (status !== 'admitted') return hellos.denied(peer, { question, status })
    if (!this.#told.has(id) && this.#told.size >= MAX_TOLD) return drop('flood')
    this.#told.add(id)
    if ((await introductions.accept(received)) === undefined) return drop('unknown-key')
    if (!this.#closed) await looked(peer, question)
    introductions.forget(id)
  }

  /** The one place that decides whether a session is met. A member stays one until the statements put it out. */
  async #decide(peer: PeerStreams, received: ReceivedIntroduction): Promise<void> {
    const { introductions, admission, hellos, drop } = this.#options
    const { id, confirmed } = peer
    const verdict = confirmed ? 'admitted' : (admission?.judge(id, received) ?? 'admitted')
    if (verdict === 'admitted') {
      admission?.everMet.add(id)
      this.#pendingById.delete(id)
      const introduced = await introductions.accept(received)
      if (this.#closed || peer.presence.state === 'left') return
      return introduced === undefined ? drop('unknown-key') : hellos.introduced(peer, introduced)
    }
    this.#pendingById.set(id, { received, verdict })
    // Somebody who comes while this session waits may let it in. spec R71
    const { standing } = admission ?? {}
    if (verdict === 'held' && (standing === 'waiting' || standing === 'refused')) {
      hellos.joinedAgain(peer)
    }
    if (verdict === 'held') return
    introductions.forget(id)
    const { question } = received
    if (question !== undefined) hellos.denied(peer, { question, status: verdict })
    if (verdict === 'waiting') admission?.waits(id, received)
    else admission?.refused(id)
  }

  /** Decides again about those who are not let in: an act or another rule may admit or refuse them. */
  #reconsider(): void {
    const { roster, admission, hellos, failed } = this.#options
    for (const [id, { received, verdict }] of this.#pendingById) {
      const peer = roster.get(id)
      if (peer?.presence.state !== 'present' || admission?.judge(id, received) === verdict) continue
      peer.enqueue(() => this.#decide(peer, received).catch(failed))
    }
    const { standing } = admission ?? {}
    if (standing === undefined || standing === 'admitted') return
    for (const peer of roster.all()) {
      if (peer.presence.state !== 'present' || peer.confirmed) continue
      // Those who have answered are asked again by and by.
      if (standing === 'asking') hellos.greet(peer)
      else hellos.joinedAgain(peer)
    }
  }

  /** The statements put a session out: nothing more is sealed to it, and nothing of it opens. spec R72 */
  #putOut(id: ParticipantId): void {
    const { roster, introductions, hellos } = this.#options
    const peer = roster.get(id)
    if (peer === undefined) return
    hellos.forget(peer)
    introductions.forget(id)
    roster.putOut(id)
  }
}

/** An introduction that waits for another decision. */
interface Pending {
  readonly received: ReceivedIntroduction
  readonly verdict: Verdict
}

/** The answers to sessions that look, together. spec R66 */
const LOOKS = { perSecond: 8, burst: 32 }
/** With those that are met (R58) fewer than a sealer has counters for (P12). */
const MAX_TOLD = 8192
/** The introductions of sessions outside the roster together, that are opened. spec R70 */
const INTRODUCED = { perSecond: 128, burst: 1024 }
