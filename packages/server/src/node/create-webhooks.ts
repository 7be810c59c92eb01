import { isAppId } from '../access/grant.ts'
import { isWebhookUrl } from '../webhooks/webhook-url.ts'
import { parseWebhookSecret } from '../webhooks/webhook-secret.ts'
import type { WebhooksOptions } from '../webhooks/webhooks.ts'
import { post } from './post.ts'

/** The server of an application that a hub tells of events. */
export interface WebhookReceiver {
  /** The id of the application, of which the channels are. */
  readonly app: string
  /** An address with `https`, or with `http` on this machine. */
  readonly url: string
  /** `whsec_` and the base64 of 24 to 64 bytes, which only the hub and the server know. */
  readonly secret: string
}

/**
 * Creates the option `webhooks` of a hub: it tells these servers which channels are used, and who is in presence channels. `verifyWebhook` of
 * `@conclave/server-client` reads what comes. spec G80
 *
 * @throws TypeError for an id, an address or a secret that is none, and for two receivers of one application
 */
export function createWebhooks(receivers: readonly WebhookReceiver[]): WebhooksOptions {
  const targets = receivers.map(({ app, url, secret }) => {
    if (!isAppId(app)) throw new TypeError('"app" expected the id of an application')
    if (!isWebhookUrl(url)) throw new TypeError('"url" expected an address with https')
    const bytes = parseWebhookSecret(secret)
    if (bytes === undefined)
      throw new TypeError('"secret" expected whsec_ and the base64 of 24 to 64 bytes')
    return { app, url, secret: bytes }
  })
  if (new Set(targets.map(({ app }) => app)).size < targets.length)
    throw new TypeError('"app" expected one receiver for each application')
  return { targets, post }
}
