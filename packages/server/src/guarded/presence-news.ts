import type { Clock } from '@conclave/base'
import type { ServerMessage } from '@conclave/wire'
import type { RosterChange } from './roster.ts'

/** The parts of {@link PresenceNews}. */
export interface PresenceNewsOptions {
  readonly clock: Clock
  /** Up to so many members, each change is told. */
  readonly listMembers: number
  /** How many members there are now. */
  readonly count: () => number
  /** Names the channel. */
  readonly handle: () => number
  /** Tells all who see members, but the connections of the member that the message is about. */
  readonly tell: (message: ServerMessage, change?: RosterChange) => void
}

/** Tells of changes of members: each one while they are few, and their number once a second while they are many. spec G18 */
export class PresenceNews {
  readonly #options: PresenceNewsOptions
  /** The clients' lists are stale until the next count is told. */
  #isStale = false
  #timer: unknown
  #toldMs = -Infinity

  constructor(options: PresenceNewsOptions) {
    this.#options = options
  }

  /** Tells of a change that the roster has already. */
  changed(change: RosterChange): void {
    const { listMembers, count, handle, tell } = this.#options
    if (!this.#isStale && count() <= listMembers) return tell(toMessage(change, handle()), change)
    this.#isStale = true
    this.#tellCountLater()
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  #tellCountLater(): void {
    const { clock } = this.#options
    if (this.#timer !== undefined) return
    const delayMs = this.#toldMs + COUNT_INTERVAL_MS - clock.now()
    if (delayMs <= 0) return this.#tellCount()
    this.#timer = clock.setTimeout(() => this.#tellCount(), delayMs)
  }

  #tellCount(): void {
    const { clock, listMembers, count, handle, tell } = this.#options
    this.#timer = undefined
    this.#toldMs = clock.now()
    this.#isStale = count() > listMembers
    tell({ type: 'memberCount', channel: handle(), count: count() })
  }
}

function toMessage({ type, member }: RosterChange, channel: number): ServerMessage {
  if (type === 'left') return { type: 'memberLeft', channel, member: member.id }
  return { type: 'memberJoined', channel, member }
}

const COUNT_INTERVAL_MS = 1000
