/**
 * The exchange of statements among the members of a room: each says in which state it is, and those whose states differ
 * repeat to each other what they keep. spec R73
 *
 * @module
 */
import { type Clock, RateLimiter, compareBytes, concatBytes, encodeBase64Url } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import type { RoomAuthority } from '@conclave/e2ee/authority'
import type { ParticipantId } from '@conclave/wire'
import { randomFraction } from '../hub/reconnect-delay.ts'
import { decodeStatements, encodeStatements, groupStatements } from './statements-body.ts'

/** The needs of a {@link StatementExchange}. */
export interface StatementExchangeOptions {
  readonly authority: RoomAuthority
  readonly clock: Clock
  /** The sessions in the roster. */
  readonly peers: () => readonly ParticipantId[]
  /** Seals a body to one session; resolves when it is handed on, and rejects when it cannot be. */
  send(to: ParticipantId, body: Uint8Array<ArrayBuffer>): Promise<void>
  /** A member knows the same as this session. */
  agreed(peer: ParticipantId): void
  /** A statement said something new. */
  learned(): void
  /** More statements came from one session than it may send. */
  readonly flooded: () => void
}

/** Keeps the statements of the members alike. Bounded: a session repeats all that it keeps to another one once in each state. */
export class StatementExchange {
  readonly #options: StatementExchangeOptions
  readonly #peerById = new Map<ParticipantId, PeerState>()
  #state = ''
  #timer: unknown
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: StatementExchangeOptions) {
    this.#options = options
  }

  /** A session entered the roster: it learns this session's state. Where there is nothing to tell, only the owner learns that. */
  met(peer: ParticipantId, { isOwner = false }: { readonly isOwner?: boolean } = {}): void {
    this.#run(async () => {
      await this.#refresh()
      if (isOwner || !this.#isEmpty) await this.#tell(peer)
    })
  }

  /** A session left the roster. */
  forget(peer: ParticipantId): void {
    this.#peerById.delete(peer)
  }

  /** Takes a body from a member; `false` when it is malformed. */
  receive(from: ParticipantId, bytes: Uint8Array): boolean {
    const body = decodeStatements(bytes)
    if (body === undefined) return false
    this.#run(async () => {
      const peer = this.#peerOf(from)
      peer.theirs = body.state
      let isNews = false
      for (const statement of body.statements) {
        if (!peer.statements.take(this.#options.clock.now())) {
          this.#options.flooded()
          break
        }
        const { type } = await this.#options.authority.apply(statement)
        if (this.#closed) return
        isNews ||= type !== 'known' && type !== 'refused'
      }
      if (isNews) this.#options.learned()
      await this.#refresh()
      if (body.state === this.#state) this.#options.agreed(from)
      if (isNews) this.#gossip()
      else await this.#reconcile(from)
    })
    return true
  }

  /**
   * Takes this session's own statements and gives them to everybody in the roster: with all others to those who may lack
   * these. Resolves when they are handed on.
   */
  async publish(statements: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const { authority, peers } = this.#options
    await this.#refresh()
    const before = this.#state
    for (const statement of statements) await authority.apply(statement)
    await this.#refresh()
    const sendings = peers().map((peer) =>
      this.#send(peer, this.#peerOf(peer).theirs === before ? statements : authority.statements()),
    )
    await Promise.all(sendings)
  }

  /** Resolves when everything that came so far is judged. */
  get settled(): Promise<void> {
    return this.#work
  }

  /** Tells nothing from now on. */
  close(): void {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#timer)
    this.#peerById.clear()
  }

  get #isEmpty(): boolean {
    return this.#options.authority.statements().length === 0
  }

  /** A failure of one step, as of a key source that ends, must not stop the next. */
  #run(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (!this.#closed) await step().catch(() => {})
    })
  }

  async #refresh(): Promise<void> {
    const sorted = this.#options.authority.statements().toSorted(compareBytes)
    const digest = await hashBytes(concatBytes(...sorted))
    this.#state = encodeBase64Url(digest.subarray(0, STATE_BYTES))
  }

  /** Tells the new state to some of those who are not known to have it. */
  #gossip(): void {
    if (this.#timer !== undefined) return
    const { clock } = this.#options
    const tell = (): void => {
      this.#timer = undefined
      const others = this.#options
        .peers()
        .filter((peer) => this.#peerOf(peer).theirs !== this.#state)
      for (const peer of draw(others, TOLD_AT_ONCE)) this.#run(() => this.#tell(peer))
    }
    this.#timer = clock.setTimeout(tell, randomFraction() * GOSSIP_MS)
  }

  async #tell(peer: ParticipantId): Promise<void> {
    if (this.#peerOf(peer).told !== this.#state) await this.#send(peer, [])
  }

  /** Repeats everything to a session in another state, once in each state of this one; then that session is to repeat. */
  async #reconcile(from: ParticipantId): Promise<void> {
    const peer = this.#peerOf(from)
    if (peer.theirs === this.#state) return
    if (peer.repeated === this.#state) {
      if (peer.answers.take(this.#options.clock.now())) await this.#send(from, [])
      return
    }
    peer.repeated = this.#state
    await this.#send(from, this.#options.authority.statements())
  }

  async #send(to: ParticipantId, statements: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const state = this.#state
    const peer = this.#peerOf(to)
    peer.told = state
    // It says so if it does not.
    if (statements.length > 0) peer.theirs = state
    const groups = statements.length === 0 ? [[]] : groupStatements(statements)
    for (const group of groups) {
      if (this.#closed) return
      await this.#options.send(to, encodeStatements({ state, statements: group })).catch(() => {})
    }
  }

  #peerOf(id: ParticipantId): PeerState {
    let peer = this.#peerById.get(id)
    if (peer === undefined) {
      peer = { statements: new RateLimiter(STATEMENTS), answers: new RateLimiter(ANSWERS) }
      this.#peerById.set(id, peer)
    }
    return peer
  }
}

/** The exchange with one session. */
interface PeerState {
  /** Its state, as it said last, or the one that it is in after it got this session's statements. */
  theirs?: string
  /** This session's state, as it was told last. */
  told?: string
  /** This session's state in which everything was repeated to it. */
  repeated?: string
  /** Bounds the statements of it that are verified. */
  readonly statements: RateLimiter
  /** Bounds the answers to states of it that this one cannot do anything for. */
  readonly answers: RateLimiter
}

const draw = <T>(values: readonly T[], count: number): readonly T[] =>
  values
    .map((value) => ({ value, at: randomFraction() }))
    .toSorted((one, other) => one.at - other.at)
    .slice(0, count)
    .map(({ value }) => value)

const STATE_BYTES = 16
const GOSSIP_MS = 1000
const TOLD_AT_ONCE = 8
const ANSWERS = { perSecond: 1, burst: 8 }
const STATEMENTS = { perSecond: 64, burst: 1024 }
