import { encodeBase64Url, systemClock, timeOfDay, within } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import type { Post } from '../access/webhook-authorizer.ts'
import type { WebhookEvent } from './webhook-event.ts'
import { WebhookQueue } from './webhook-queue.ts'
import type { WebhookTarget } from './webhook-queue.ts'

/** Tells the servers of applications what happens in their guarded channels. `createWebhooks` of the subpath `./node` makes it. */
export interface WebhooksOptions {
  /** One for each app that wants to know. */
  readonly targets: readonly WebhookTarget[]
  readonly post: Post
}

/** Hears of deliveries, for counters and the log. */
export interface WebhookObserver {
  readonly onDelivered: () => void
  readonly onFailure: () => void
  readonly onDropped: (events: number) => void
}

/** The queues of all apps that have a target. spec G80 */
export class Webhooks {
  readonly #clock: Clock
  readonly #queueByApp = new Map<string, WebhookQueue>()

  constructor(
    { targets, post }: WebhooksOptions,
    { clock, ...observer }: WebhookObserver & { readonly clock: Clock },
  ) {
    this.#clock = clock
    const now = clock === systemClock ? timeOfDay : () => clock.now()
    const maxEvents = Math.floor(MAX_WEBHOOK_EVENTS / Math.max(MIN_SHARES, targets.length))
    for (const target of targets) {
      // Each app knows the hub by another name.
      const hub = encodeBase64Url(randomBytes(HUB_ID_BYTES))
      const options = { target, post, clock, timeOfDay: now, hub, maxEvents, ...observer }
      this.#queueByApp.set(target.app, new WebhookQueue(options))
    }
  }

  /** Takes an event of an app; one of an app without a target goes nowhere. */
  push(app: string, event: Omit<WebhookEvent, 'atMs'>): void {
    this.#queueByApp.get(app)?.push(event)
  }

  /** Delivers what waits, with one more attempt each, and drops what is left after {@link FLUSH_MS}. spec G83 */
  async close(): Promise<void> {
    const queues = [...this.#queueByApp.values()]
    const flushed = Promise.all(queues.map((queue) => queue.flush()))
    const late = (): void => {
      for (const queue of queues) queue.stop()
    }
    await within(flushed, { clock: this.#clock, ms: FLUSH_MS, late })
  }
}

/** The part of the time for going away (H28) in which webhooks are still sent, in milliseconds. spec G83 */
const FLUSH_MS = 3500
/** Events that wait for all receivers together; no app has more than half of them. spec G82 */
export const MAX_WEBHOOK_EVENTS = 2000
const MIN_SHARES = 2
const HUB_ID_BYTES = 9
