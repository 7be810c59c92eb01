/**
 * The hub on Node: HTTP, WebSocket, the files of the app, metrics.
 *
 * @module
 */
export { attachHub } from './attach.ts'
export { createApiHandler } from './api-handler.ts'
export type { ApiHandler, ApiHandlerOptions } from './api-handler.ts'
export type { AttachedHub, AttachOptions } from './attach.ts'
export { createWebhooks } from './create-webhooks.ts'
export type { WebhookReceiver } from './create-webhooks.ts'
export { serveMetrics } from './metrics.ts'
export type { ServedMetrics } from './metrics.ts'
export { serve } from './serve.ts'
export type { Served, ServeOptions } from './serve.ts'
export { hasApp } from './static-app.ts'
export { createTurnCredentials } from './turn-credentials.ts'
export type { TurnCredentialsOptions } from './turn-credentials.ts'
export type { TlsFiles, TlsKeys } from './tls-files.ts'
export { createWebhookAuthorizer } from './webhook-authorizer.ts'
export type { WebhookAuthorizerOptions } from './webhook-authorizer.ts'
