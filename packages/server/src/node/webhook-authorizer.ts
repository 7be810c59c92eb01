import { systemClock, timeOfDay } from '@conclave/base'
import type { Authorizer } from '../access/authorizer.ts'
import { isAppId } from '../access/grant.ts'
import { WebhookAuthorizer } from '../access/webhook-authorizer.ts'
import { isWebhookUrl } from '../webhooks/webhook-url.ts'
import { parseWebhookSecret } from '../webhooks/webhook-secret.ts'
import { post } from './post.ts'

/** The server of an application that decides by a webhook. */
export interface WebhookAuthorizerOptions {
  /** The id of the application, of which the channels are. */
  readonly app: string
  /** An address with `https`, or with `http` on this machine. */
  readonly url: string
  /** `whsec_` and the base64 of 24 to 64 bytes, which only the hub and the server know. */
  readonly secret: string
}

/**
 * Creates an authorizer that asks the server of an application, by a request that is signed as Standard Webhooks says. You must verify the signature there, and
 * answer for the user to whom the cookie or the token belongs. spec G49 G50
 *
 * @throws TypeError for an id, an address or a secret that is none
 */
export function createWebhookAuthorizer(options: WebhookAuthorizerOptions): Authorizer {
  const { app, url, secret } = options
  if (!isAppId(app)) throw new TypeError('"app" expected the id of an application')
  if (!isWebhookUrl(url)) throw new TypeError('"url" expected an address with https')
  const bytes = parseWebhookSecret(secret)
  if (bytes === undefined)
    throw new TypeError('"secret" expected whsec_ and the base64 of 24 to 64 bytes')
  return new WebhookAuthorizer({ app, url, secret: bytes, post, clock: systemClock, timeOfDay })
}
