/**
 * The helpers that all packages share: bytes and texts, checks of arguments, clocks, events, queues, bounded tables,
 * rates, errors with codes. No cryptography, no I/O, and no time but the one in {@link monotonicTime, systemClock}.
 *
 * @module
 */
export { AddedBytes } from './added-bytes.ts'
export type { Awaitable } from './awaitable.ts'
export { backoffMs } from './backoff.ts'
export type { Backoff } from './backoff.ts'
export { decodeBase64Url, encodeBase64Url } from './base64url.ts'
export { BoundedMap } from './bounded-map.ts'
export { ByteReader } from './byte-reader.ts'
export {
  compareBytes,
  concatBytes,
  copyBytes,
  decodeBytes,
  equalBytes,
  isBytes,
  uintToBytes,
  viewBytes,
  withLength,
} from './bytes.ts'
export {
  checkInstance,
  checkInteger,
  checkFunction,
  checkMethods,
  checkObject,
  checkString,
  checkText,
  describeType,
} from './check.ts'
export { monotonicTime, systemClock, timeOfDay } from './clock.ts'
export type { Clock } from './clock.ts'
export { CodedError, isCodedError } from './coded-error.ts'
export type { CodedErrorOptions, ErrorMessages } from './coded-error.ts'
export {
  CROCKFORD32_ALPHABET,
  decodeCrockford32,
  encodeCrockford32,
  typedSymbols,
} from './crockford32.ts'
export { transactRecord } from './database.ts'
export type { DatabaseRecord } from './database.ts'
export { DropCounter } from './drop-counter.ts'
export { Emitter, callHandler } from './emitter.ts'
export { decodeJson } from './json.ts'
export { OrderedResults } from './ordered-results.ts'
export type { Problem } from './problem.ts'
export { RateLimiter } from './rate-limiter.ts'
export type { Rate } from './rate-limiter.ts'
export { ReplayWindow } from './replay-window.ts'
export type { ReplayWindowState } from './replay-window.ts'
export { hasMembers, hasShape, isIntegerUpTo, isRecord } from './shape.ts'
export type { Shape } from './shape.ts'
export {
  callStorage,
  checkStorage,
  compareAndSwap,
  readRecord,
  StoredRecord,
} from './stored-record.ts'
export type {
  LoadedRecord,
  RecordChange,
  RecordFailure,
  RecordFormat,
  RecordOptions,
  RecordStorage,
  StoredBytes,
} from './stored-record.ts'
export { TaskQueue } from './task-queue.ts'
export {
  decodeText,
  isWellFormed,
  textToBytes,
  textToScratch,
  toByteString,
  writeByteString,
} from './text.ts'
export { within } from './within.ts'
export { createScriptWorker } from './worker-script.ts'
export type { WorkerConstructor } from './worker-script.ts'
export { describeWorkerFault, WorkerStart } from './worker-start.ts'
export type { WorkerFault } from './worker-start.ts'
