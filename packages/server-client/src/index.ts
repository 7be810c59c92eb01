/**
 * The server of an application at a hub: sealed messages to channels, members, access, and webhooks. For Node, Deno and Bun, with `fetch` and
 * WebCrypto. Normative text: spec/channels.md, *The application's server*.
 *
 * @module
 */
export type { AccessKeySecret } from './access-key.ts'
export type { CapabilityOptions, OfUser, TicketOptions } from './access-options.ts'
export type { Ticket } from './answers.ts'
export { createServerClient } from './create-server-client.ts'
export type {
  CallOptions,
  Capability,
  OfToken,
  SendOptions,
  ServerClient,
  ServerClientOptions,
} from './create-server-client.ts'
export { isServerClientError, ServerClientError } from './errors.ts'
export type {
  AnyServerClientError,
  ServerClientErrorCode,
  ServerClientErrorDetails,
} from './errors.ts'
export type {
  ChannelEvent,
  ChannelUseEvent,
  MemberEvent,
  WebhookDelivery,
  WebhookMember,
} from './webhook/delivery.ts'
export { verifyWebhook } from './webhook/verify-webhook.ts'
export type { WebhookHeaders, WebhookRequest } from './webhook/verify-webhook.ts'
