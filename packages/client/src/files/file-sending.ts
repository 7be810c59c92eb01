import type { FileEnd } from './file-end.ts'
import type { FileTransfer } from './file-api.ts'

/** A file on its way to one or more participants. */
export interface FileSending {
  /** One for each of them: each is accepted, paused and ended by itself. */
  readonly transfers: readonly FileTransfer[]
  /** Resolves when all of them ended, to the end of each, in their order. Never rejects. */
  readonly done: Promise<readonly FileEnd[]>
  /** Pauses all of them. */
  pause(): void
  /** Goes on with all of them. */
  resume(): void
  /** Ends all of them. */
  cancel(): void
}

/** The sending that consists of these transfers. */
export function sendingOf(transfers: readonly FileTransfer[]): FileSending {
  return {
    transfers,
    done: Promise.all(transfers.map(({ done }) => done)),
    pause: () => transfers.forEach((transfer) => transfer.pause()),
    resume: () => transfers.forEach((transfer) => transfer.resume()),
    cancel: () => transfers.forEach((transfer) => transfer.cancel()),
  }
}
