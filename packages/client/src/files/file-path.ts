/**
 * The port for the frames of files: whatever carries bytes between two participants.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'

/** Events of a {@link FilePath}. All of it comes from carriers that nobody trusts. */
export interface FilePathEvents {
  /** Bytes came; `from` is claimed, and proved by opening them. */
  readonly bytes: { readonly from: ParticipantId; readonly bytes: Uint8Array }
  /** The path to a participant stands, again or for the first time: what was sent before may be lost. */
  readonly ready: { readonly participant: ParticipantId }
}

/** Carries frames to participants; in order where it can, and it may lose them. */
export interface FilePath {
  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof FilePathEvents>(
    type: T,
    handler: (event: FilePathEvents[T]) => void,
  ): () => void
  /** Resolves when there is space for more. Rejects when the bytes cannot be carried: there is no path, or it was lost. */
  send(to: ParticipantId, bytes: Uint8Array<ArrayBuffer>): Promise<void>
}
