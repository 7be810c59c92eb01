/**
 * The messages between a page and the worker that stretches its passphrase. spec K49
 *
 * @module
 */
import type { Argon2idOptions } from './argon2id.ts'

/** Changes with the messages: a page and a worker of different versions do not talk. */
export const STRETCH_PROTOCOL = 1

/** Length of a stretched passphrase. spec K36 */
export const STRETCHED_BYTES = 32

/** To the worker, once it is `ready`. The memory of `passphrase` is transferred: the worker owns it and overwrites it. */
export interface StretchJob extends Argon2idOptions {
  readonly type: 'stretch'
  readonly passphrase: Uint8Array<ArrayBuffer>
}

/** From the worker. */
export type FromStretchWorker =
  | { readonly type: 'ready'; readonly version: number }
  /** The memory of `key` is transferred: the page owns it. */
  | { readonly type: 'stretched'; readonly key: Uint8Array<ArrayBuffer> }
  /** Argon2id may not run in the worker. The message holds nothing of the job. */
  | { readonly type: 'unsupported'; readonly message: string }
