/**
 * Counts the events of each sender that did not come while the connection was away. spec G57
 *
 * @module
 */
import type { OpenedFacts } from '@conclave/adapters'
import { BoundedMap } from '@conclave/base'

/**
 * Events that did not come while the connection was away. Without a sender: the channel is open again, and whatever was sent
 * meanwhile is gone; once for each return. With a sender: it spoke again, and its numbers show a gap; once for each sender and return.
 */
export interface MissedNotice {
  readonly sender: string | undefined
  /** How many events the sender numbered that did not come, or did not open; some of them the hub may have refused. */
  readonly count: number | undefined
}

/** Compares the numbers of each sender's messages before and after an absence. */
export class MissedEvents {
  readonly #tell: (notice: MissedNotice) => void
  readonly #lastBySender = new BoundedMap<string, Last>(MAX_SENDERS)
  #returns = 0

  constructor(tell: (notice: MissedNotice) => void) {
    this.#tell = tell
  }

  /** The channel is open again. */
  returned(): void {
    this.#returns += 1
    this.#tell({ sender: undefined, count: undefined })
  }

  /** A message opened. Those to one member are numbered apart. */
  opened({ sender, place, to }: OpenedFacts): void {
    if (sender === undefined || place === undefined || to !== undefined) return
    const last = this.#lastBySender.get(sender)
    const isSame = last?.stream === place.stream
    // An older one of the same stream was overtaken.
    if (isSame && place.sequence < last.sequence) return
    this.#lastBySender.set(sender, { ...place, returns: this.#returns })
    if (last === undefined || last.returns === this.#returns) return
    const count = isSame ? place.sequence - last.sequence - 1 : place.sequence
    if (count > 0) this.#tell({ sender, count })
  }
}

interface Last {
  readonly stream: number
  readonly sequence: number
  /** The returns of the connection before it came. */
  readonly returns: number
}

const MAX_SENDERS = 1024
