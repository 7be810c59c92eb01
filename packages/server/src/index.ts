/**
 * The hub: private room channels, access by proof, presence, order, limits. It carries sealed payloads
 * and has no code that could open them. This entry needs no network; `@conclave/server/node` serves it.
 * Normative text: spec/hub.md.
 *
 * @module
 */
export type { Admission, RefusalStatus, UpgradeRequest } from './admission.ts'
export { systemClock } from '@conclave/base'
export type { Clock } from '@conclave/base'
export { CLOSE_CODES } from './close-codes.ts'
export type { CloseCode } from './close-codes.ts'
export type { HubConnection } from './connection.ts'
export type { HubStats } from './counters.ts'
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
} from './engine.ts'
export { isServerError, ServerError } from './errors.ts'
export type { ServerErrorDetails } from './errors.ts'
export { createHub } from './hub.ts'
export type { Hub, HubOptions } from './hub.ts'
export { DEFAULT_LIMITS } from './limits.ts'
export type { HubLimits } from './limits.ts'
export type { Log, LogEvent, LogPart, LogSink } from './log.ts'
export { createMemoryEngine } from './memory-engine.ts'
export { localOrigins, parseOrigin } from './origin.ts'
export type { HubSocket } from './outbound.ts'
export type { SessionId } from './random.ts'
