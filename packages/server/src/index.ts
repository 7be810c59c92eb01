/**
 * The hub: channels, access by proof, presence, order, limits. It relays sealed payloads and has no code that could open
 * them. This entry needs no network; `@conclave/server/node` serves it. Normative text: spec/hub.md.
 *
 * @module
 */
export { CLOSE_CODES } from '@conclave/wire'
export type { CloseCode } from '@conclave/wire'
export type { AccessAlgorithm, AccessJwk, AccessKey, App, AppLimits } from './access/app.ts'
export type { AccessRequest, Authorizer, Decision, RequestFacts } from './access/authorizer.ts'
export type { AccessOptions } from './access/create-access.ts'
export type { Grant } from './access/grant.ts'
export type { AuthorizeHook, HookAnswer, HookRequest } from './access/hook-authorizer.ts'
export { MemoryRevocations } from './access/revocations.ts'
export type { Revocation, Revocations } from './access/revocations.ts'
export type { TicketMint, TicketOptions } from './access/tickets.ts'
export type { ApiAnswer, ApiError, ApiOutcome } from './api/api-answer.ts'
export type { ApiRequest, HubApi } from './api/server-api.ts'
export type { Admission, RefusalRule, RefusalStatus, UpgradeRequest } from './door/admission.ts'
export type { OriginTest } from './door/allowed-origins.ts'
export { localOrigins, parseOrigin } from './door/origin.ts'
export type {
  Engine,
  EngineChannel,
  EngineEntry,
  EngineEvent,
  EngineListener,
  EngineMember,
  EngineMembership,
  EngineMessage,
  EnterResult,
  PublishResult,
} from './engine/engine.ts'
export type { EngineLane, Lane } from './engine/lane.ts'
export type { MembershipId } from './engine/membership-id.ts'
export { createMemoryEngine } from './engine/memory-engine.ts'
export { isServerError, ServerError } from './errors.ts'
export type { AnyServerError, ServerErrorCode, ServerErrorDetails } from './errors.ts'
export { CHANNEL_KEY_BYTES } from './guarded/channel-names.ts'
export type { GuardedAddress } from './guarded/channel-names.ts'
export type { GuardedApi, GuardedEvent } from './guarded/guarded-hub.ts'
export type { MemberPage } from './guarded/roster.ts'
export { createHub } from './hub.ts'
export type { Hub, HubOptions } from './hub.ts'
export { DEFAULT_LIMITS } from './limits/hub-limits.ts'
export type { HubLimits } from './limits/hub-limits.ts'
export type { HubStats } from './ops/counters.ts'
export type { GivenIceServer, GivenIceServers, IceServerSource } from './ops/ice-servers.ts'
export type { Log, LogEvent, LogLevel, LogPart, LogSink } from './ops/log.ts'
export type { HubConnection, SessionSocket } from './session/session-socket.ts'
export type { Post, PostAnswer, PostRequest } from './access/webhook-authorizer.ts'
export type { WebhookTarget } from './webhooks/webhook-queue.ts'
export type { WebhooksOptions } from './webhooks/webhooks.ts'
