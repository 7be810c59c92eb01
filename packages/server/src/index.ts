/**
 * The hub: private room channels, access by proof, presence, order, limits. It carries sealed payloads
 * and has no code that could open them. This entry needs no network; `@conclave/server/node` serves it.
 * Normative text: spec/hub.md.
 *
 * @module
 */
export type { Admission, RefusalStatus, UpgradeRequest } from './door/admission.ts'
export { systemClock } from '@conclave/base'
export type { Clock } from '@conclave/base'
export { CLOSE_CODES } from './close-codes.ts'
export type { CloseCode } from './close-codes.ts'
export type { HubConnection } from './session/connection.ts'
export type { HubStats } from './ops/counters.ts'
export type {
  Engine,
  EngineChannel,
  EngineEntry,
  EngineEvent,
  EngineListener,
  EngineMessage,
  EngineSession,
  EnterResult,
  PublishResult,
} from './engine/engine.ts'
export { isServerError, ServerError } from './errors.ts'
export type { ServerErrorDetails } from './errors.ts'
export { createHub } from './hub.ts'
export type { Hub, HubOptions } from './hub.ts'
export { DEFAULT_LIMITS } from './limits/hub-limits.ts'
export type { HubLimits } from './limits/hub-limits.ts'
export type { Log, LogEvent, LogPart, LogSink } from './ops/log.ts'
export { createMemoryEngine } from './engine/memory-engine.ts'
export { localOrigins, parseOrigin } from './door/origin.ts'
export type { HubSocket } from './session/outbound.ts'
export type { SessionId } from './engine/membership-id.ts'
