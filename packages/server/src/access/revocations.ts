import type { Clock } from '@conclave/base'
import { ServerError } from '../errors.ts'
import { MAX_GRANT_MS } from './grant.ts'
import type { Grant } from './grant.ts'

/** Ends grants of an application before their time. Times are those of the hub's clock, in milliseconds. spec G52 */
export type Revocation =
  /** Every grant of a user that was issued before now, in one channel or in all. */
  | (OfUser & { readonly type: 'user' })
  /** The subscriptions of a user now, in one channel or in all; it may come again at once. */
  | (OfUser & { readonly type: 'kick' })
  /** Every grant of a user until a time, in one channel or in all. A time that is over lifts a ban. */
  | (OfUser & { readonly type: 'ban'; readonly untilMs: number })
  /** Every grant of a token. You must give the time at which the token runs out, or a later one. */
  | {
      readonly type: 'token'
      readonly app: string
      readonly tokenId: string
      readonly untilMs: number
    }

interface OfUser {
  readonly app: string
  readonly user: string
  readonly channel?: string
}

/** The grants of a hub that do not hold any longer. */
export interface Revocations {
  /** Adds one, and tells those who watch. @throws ServerError `ERR_SERVER_REVOCATIONS_FULL` */
  revoke(revocation: Revocation): void
  /** Why a grant does not hold in a channel; `undefined` when nothing was said against it. */
  isRevoked(grant: Grant, channel: string): 'revoked' | 'banned' | undefined
  /** Calls a listener at once for each new revocation, until the returned function is called. */
  watch(listener: (revocation: Revocation) => void): () => void
}

/** Whether a revocation ends a grant that holds now, in a channel. spec G52 */
export function endsGrant(
  revocation: Revocation,
  { grant, channel }: { readonly grant: Grant; readonly channel: string },
): boolean {
  if (revocation.app !== grant.app) return false
  if (revocation.type === 'token') return revocation.tokenId === grant.tokenId
  const isChannel = revocation.channel === undefined || revocation.channel === channel
  return revocation.user === grant.user && isChannel
}

/**
 * Keeps revocations in memory until their time is over. When it is full it refuses: it never forgets one that holds. spec G52
 */
export class MemoryRevocations implements Revocations {
  readonly #clock: Pick<Clock, 'now'>
  readonly #maxEntries: number
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<(revocation: Revocation) => void>()

  get [Symbol.toStringTag](): string {
    return 'MemoryRevocations'
  }

  constructor({
    clock,
    maxEntries = MAX_REVOCATIONS,
  }: {
    readonly clock: Pick<Clock, 'now'>
    readonly maxEntries?: number
  }) {
    this.#clock = clock
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  revoke(revocation: Revocation): void {
    const isTold = revocation.type === 'kick' || this.#keep(revocation)
    if (!isTold) return
    for (const listener of this.#listeners) listener(revocation)
  }

  isRevoked(grant: Grant, channel: string): 'revoked' | 'banned' | undefined {
    const { app, user, tokenId, issuedMs } = grant
    const bans = [keyOf({ type: 'ban', app, user }), keyOf({ type: 'ban', app, user, channel })]
    if (bans.some((key) => this.#find(key) !== undefined)) return 'banned'
    if (tokenId !== undefined && this.#find(keyOf({ type: 'token', app, tokenId })))
      return 'revoked'
    const users = [keyOf({ type: 'user', app, user }), keyOf({ type: 'user', app, user, channel })]
    const isBefore = users.some((key) => issuedMs <= (this.#find(key)?.atMs ?? -Infinity))
    return isBefore ? 'revoked' : undefined
  }

  watch(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #find(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    return entry === undefined || entry.untilMs <= this.#clock.now() ? undefined : entry
  }

  /** `false` for one that does not hold from now on. */
  #keep(revocation: Exclude<Revocation, { type: 'kick' }>): boolean {
    const key = keyOf(revocation)
    const atMs = this.#clock.now()
    // The grants that were issued before are over by then.
    const untilMs = revocation.type === 'user' ? atMs + MAX_GRANT_MS : revocation.untilMs
    if (untilMs <= atMs) {
      this.#entries.delete(key)
      return false
    }
    if (!this.#entries.has(key)) this.#makeRoom(atMs)
    this.#entries.set(key, { atMs, untilMs })
    return true
  }

  #makeRoom(nowMs: number): void {
    if (this.#entries.size < this.#maxEntries) return
    for (const [key, { untilMs }] of this.#entries) if (untilMs <= nowMs) this.#entries.delete(key)
    if (this.#entries.size < this.#maxEntries) return
    throw new ServerError('ERR_SERVER_REVOCATIONS_FULL', { maxEntries: this.#maxEntries })
  }
}

interface Entry {
  readonly atMs: number
  readonly untilMs: number
}

interface Key {
  readonly type: string
  readonly app: string
  readonly user?: string
  readonly tokenId?: string
  readonly channel?: string
}

const keyOf = ({ type, app, user, tokenId, channel }: Key): string =>
  JSON.stringify([type, app, user, tokenId, channel])

/** Revocations that are kept. spec G52 */
export const MAX_REVOCATIONS = 65_536
