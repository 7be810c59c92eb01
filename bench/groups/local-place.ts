/**
 * A hub in memory with virtual time, for rooms that are larger than one machine can play in real time: time stands while
 * members compute.
 *
 * @module
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { VirtualClock } from '@conclave/base/testing'
import type { RoomOptions } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { type Cost, type Place, costBetween, kindOf } from './place.ts'

/** A place for one room at a time. */
export class LocalPlace implements Place {
  readonly base = 'http://127.0.0.1/'
  readonly options: RoomOptions
  readonly #hub = new LocalHub({ atOnce: true })
  readonly #clock = new VirtualClock()
  #isRunning = true

  constructor() {
    const clock = this.#clock
    this.options = { clock, transport: (self) => this.#hub.transport(self) }
    void this.#run()
  }

  now(): number {
    return this.#clock.now()
  }

  async measure(): Promise<() => Promise<Cost>> {
    const look = () => {
      const { user, system } = process.cpuUsage()
      return { memberCpuMs: (user + system) / 1000, hubCpuMs: 0, delivered: this.#hub.seen.length }
    }
    const before = look()
    return async () => {
      const after = look()
      const delivered = this.#hub.seen.slice(before.delivered, after.delivered)
      // One message to the room is seen once for each recipient.
      const published = [...new Map(delivered.map((each) => [each.position, each])).values()]
      const messages = published.map(({ payload }) => ({
        kind: kindOf(payload),
        bytes: payload.length,
      }))
      return { ...costBetween(before, after), ...sumOf(messages) }
    }
  }

  async quiet(ms: number): Promise<void> {
    for (let [seen, since] = [this.#hub.seen.length, this.now()]; this.now() - since < ms;) {
      await sleep(POLL_MS)
      if (this.#hub.seen.length === seen) continue
      seen = this.#hub.seen.length
      since = this.now()
    }
  }

  stop(): void {
    this.#isRunning = false
  }

  /** Time goes on when nobody says anything although all that came is opened. */
  async #run(): Promise<void> {
    while (this.#isRunning) {
      for (let seen = -1; seen !== this.#hub.seen.length;) {
        seen = this.#hub.seen.length
        // The platform takes cryptographic operations in turns: those of the members come before these.
        for (let n = 0; n < LONGEST_CHAIN; n += 1) await crypto.subtle.digest('SHA-256', NOTHING)
        await setImmediate()
      }
      this.#clock.advance(STEP_MS)
    }
  }
}

const sumOf = (
  messages: readonly { readonly kind: string; readonly bytes: number }[],
): Pick<Cost, 'messages' | 'bytes' | 'kinds'> => {
  const kinds: Record<string, number> = {}
  for (const { kind } of messages) kinds[kind] = (kinds[kind] ?? 0) + 1
  return {
    messages: messages.length,
    bytes: messages.reduce((sum, { bytes }) => sum + bytes, 0),
    kinds,
  }
}

const STEP_MS = 50
/** Operations one after the other, from a message to its answer. */
const LONGEST_CHAIN = 30
const NOTHING = new Uint8Array()
const POLL_MS = 5
