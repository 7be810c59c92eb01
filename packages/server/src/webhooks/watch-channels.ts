import type { Clock } from '@conclave/base'
import type { GuardedApi } from '../guarded/guarded-hub.ts'
import type { Counters } from '../ops/counters.ts'
import { toWebhookEvent } from './webhook-event.ts'
import { Webhooks } from './webhooks.ts'
import type { WebhooksOptions } from './webhooks.ts'

/** Tells the servers of applications what happens in the guarded channels of a hub; `undefined` when no one wants to know. spec G80 */
export function watchChannels(
  channels: Pick<GuardedApi, 'watch'>,
  options: WebhooksOptions | undefined,
  {
    clock,
    counters,
    onFailure,
  }: { readonly clock: Clock; readonly counters: Counters; readonly onFailure: () => void },
): Webhooks | undefined {
  if (options === undefined) return undefined
  const webhooks = new Webhooks(options, {
    clock,
    onDelivered: () => (counters.webhooks.delivered += 1),
    onFailure: () => {
      counters.webhooks.failed += 1
      onFailure()
    },
    onDropped: (events) => (counters.webhooks.dropped += events),
  })
  channels.watch((event) => webhooks.push(event.app, toWebhookEvent(event)))
  return webhooks
}
