import { backoffMs, within } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { Post } from '../access/webhook-authorizer.ts'
import { signWebhook } from './sign-webhook.ts'
import { encodeBatch } from './webhook-event.ts'
import type { NumberedEvent, WebhookBatch, WebhookEvent } from './webhook-event.ts'

/** The server of an application that is told of events. */
export interface WebhookTarget {
  /** The id of the application. */
  readonly app: string
  readonly url: string
  /** The bytes of the secret that the hub shares with it. */
  readonly secret: Uint8Array
}

/** The needs of a {@link WebhookQueue}. */
export interface WebhookQueueOptions {
  readonly target: WebhookTarget
  readonly post: Post
  readonly clock: Clock
  /** The time of day in milliseconds. */
  readonly timeOfDay: () => number
  /** Names this start of the hub, and begins the ids of events. */
  readonly hub: string
  /** Events that may wait; the oldest ones go for new ones. */
  readonly maxEvents: number
  readonly onDelivered: () => void
  readonly onFailure: () => void
  readonly onDropped: (events: number) => void
}

/**
 * The events of one app on their way to its server: in order, in batches, one request at a time. An attempt that fails is repeated after
 * pauses that double; nothing waits for the receiver but its queue. spec G80 G81 G82
 */
export class WebhookQueue {
  readonly #options: WebhookQueueOptions
  readonly #waiting: NumberedEvent[] = []
  #count = 0
  /** Dropped events of which no delivery has told yet. */
  #dropped = 0
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined
  #isGathering = false
  #isFlushing = false
  #isStopped = false
  #aborter: AbortController | undefined

  constructor(options: WebhookQueueOptions) {
    this.#options = options
  }

  /** How many events wait for the next delivery. */
  get size(): number {
    return this.#waiting.length
  }

  /** Takes an event, which is delivered within a second unless the receiver is slow or away. */
  push(event: Omit<WebhookEvent, 'atMs'>): void {
    if (this.#isFlushing && this.#running === undefined) return this.#drop(1)
    if (this.#waiting.length >= this.#options.maxEvents) {
      this.#waiting.shift()
      this.#drop(1)
    }
    const { hub, timeOfDay } = this.#options
    const id = `${hub}.${(this.#count += 1)}`
    this.#waiting.push({ ...event, id, atMs: timeOfDay() })
    if (this.#isGathering && this.#waiting.length >= BATCH_EVENTS) this.#wake?.()
    this.#running ??= this.#run()
  }

  /**
   * Delivers what waits without a pause, with one more attempt for each batch, and takes nothing after it. Resolves when nothing waits, or an
   * attempt has failed. spec G83
   */
  async flush(): Promise<void> {
    this.#isFlushing = true
    this.#wake?.()
    await this.#running
  }

  /** Ends the request that is under way, and drops what waits. */
  stop(): void {
    this.#isFlushing = true
    this.#isStopped = true
    this.#drop(this.#waiting.splice(0).length)
    this.#wake?.()
    this.#aborter?.abort()
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#isGathering = true
      if (this.#waiting.length < BATCH_EVENTS) await this.#pause(GATHER_MS)
      this.#isGathering = false
      const batch = this.#take()
      if (batch !== undefined) await this.#deliver(batch)
    }
    this.#running = undefined
  }

  #take(): WebhookBatch | undefined {
    const events = this.#waiting.splice(0, BATCH_EVENTS)
    const [first] = events
    if (first === undefined) return undefined
    const dropped = this.#dropped
    this.#dropped = 0
    return { id: first.id, events, dropped }
  }

  async #deliver(batch: WebhookBatch): Promise<void> {
    const { target, hub, onDelivered, onFailure } = this.#options
    const body = encodeBatch({ app: target.app, hub }, batch)
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const mayRepeat = !this.#isFlushing
      if (await this.#attempt(batch.id, body)) return onDelivered()
      onFailure()
      if (!mayRepeat || this.#isStopped) {
        this.#drop(this.#waiting.splice(0).length)
        break
      }
      if (attempt + 1 < ATTEMPTS) await this.#pause(backoffMs(attempt, PAUSES))
    }
    this.#drop(batch.events.length)
    this.#dropped += batch.dropped
  }

  /** Whether the receiver has taken it. */
  async #attempt(id: string, body: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const { target, post, clock, timeOfDay } = this.#options
    const aborter = new AbortController()
    this.#aborter = aborter
    const send = async (): Promise<number> => {
      const timestampS = Math.floor(timeOfDay() / 1000)
      const signed = await signWebhook({ key: target.secret, id, timestampS, body })
      const headers = { ...signed, 'content-type': 'application/json' }
      const { signal } = aborter
      if (signal.aborted) return 0
      const sent = { url: target.url, headers, body, maxBytes: MAX_ANSWER_BYTES, signal }
      return (await post(sent)).status
    }
    const late = (): number => {
      aborter.abort()
      return 0
    }
    try {
      const status = await within(send(), { clock, ms: ATTEMPT_MS, late })
      return status >= 200 && status < 300
    } catch {
      return false
    } finally {
      this.#aborter = undefined
    }
  }

  #drop(events: number): void {
    if (events === 0) return
    this.#dropped += events
    this.#options.onDropped(events)
  }

  /** Waits, and not at all at the end. */
  async #pause(ms: number): Promise<void> {
    if (this.#isFlushing) return
    const { clock } = this.#options
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, ms)
      this.#wake = () => {
        clock.clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

const BATCH_EVENTS = 100
const GATHER_MS = 1000
const ATTEMPT_MS = 5000
const MAX_ANSWER_BYTES = 4096
/** Ten attempts and their nine pauses are 44 minutes at most. spec G82 */
const ATTEMPTS = 10
const PAUSES = { firstMs: 5000, maxMs: 1_280_000 }
