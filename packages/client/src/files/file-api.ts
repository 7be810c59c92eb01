/**
 * Files on their way, as applications see them.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import type { FileEnd } from './file-end.ts'
import type { TransferProgress } from './transfer-progress.ts'

/**
 * `offered`: the receiver has not accepted; `active`: content moves when the network does; `paused` by one side or both; `ended`: look at
 * `done`.
 */
export type TransferState = 'offered' | 'active' | 'paused' | 'ended'

/** Events of a transfer. */
export interface FileTransferEvents {
  /** More is there; at most some times a second. */
  readonly progress: TransferProgress
  /** The state, or who pauses, is another one. */
  readonly changed: { readonly state: TransferState }
}

/** One file on its way between this session and one participant. */
export interface FileTransfer {
  /** The other side. */
  readonly participant: ParticipantId
  /**
   * The name of the file, without folders, as the sender says. You must still not let it choose where you write. spec R202
   */
  readonly name: string
  /** Bytes of content, as the sender says; another content is never `received`. */
  readonly size: number
  /** A media type, as the sender claims; empty if it is not known. You must not let it decide what is run or shown as a page. */
  readonly type: string
  /** Resolves when the transfer ended, with the reason. Never rejects. */
  readonly done: Promise<FileEnd>
  /** The state at this moment. */
  readonly state: TransferState
  /** The sides that pause: this one, the other one, both or none. */
  readonly pausedBy: { readonly self: boolean; readonly other: boolean }
  /** How far it is. */
  readonly progress: TransferProgress
  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof FileTransferEvents>(
    type: T,
    handler: (event: FileTransferEvents[T]) => void,
  ): () => void
  /** Stops the content, at once on this side; the other one is told. Goes on with {@link FileTransfer.resume}. spec R199 */
  pause(): void
  /** Goes on where it stopped, once the other side does not pause either. */
  resume(): void
  /** Ends the transfer on both sides: nothing counts as received. Nothing happens when it has ended. spec R200 */
  cancel(): void
}

/** How a file is accepted. */
export interface AcceptFileOptions {
  /**
   * A writable stream, which is closed when the file is whole and verified, and aborted otherwise; or `disk`: where the person
   * says, or the storage of the page, in a page that was just clicked or not. Left out: memory, up to 512 MiB. spec R198, R204
   */
  readonly to?: WritableStream<Uint8Array<ArrayBuffer>> | 'disk' | undefined
}

/** A file that a participant offers or sends to this session. Comes with the event `file`. */
export interface IncomingFile extends FileTransfer {
  /**
   * Accepts the file. Resolves when it is here and its checksum is verified, to the file if it is in memory or in the storage of the page.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   * @throws ClientError `ERR_CLIENT_FILE`, whose `details.reason` says why the transfer ended; `too-large` for more than memory takes
   *   and `no-disk` where nothing can be written: it is still offered then
   * @throws the browser's error when the person or the browser refuses a place on disk: it is still offered then
   */
  accept(options?: AcceptFileOptions): Promise<Blob | undefined>
  /** Says no. spec R192 */
  refuse(): void
  /** Removes the file from the storage of the page, if `disk` put it there: what `accept` gave is of no use then. */
  remove(): Promise<void>
}
