/**
 * The interface between a `FrameCrypto` and the format of its frames: SFrame, which is the default, or another one.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { SealingChoices } from '../codec/profile.ts'
import type { MediaError, WorkerEntry } from '../errors.ts'
import type { SigningChoices } from '../shared/protocol.ts'
import type { WorkerLink, WorkerNotice } from './worker-link.ts'

/** The format of a session's frames. Only the entries of this package make one. */
export interface FrameProfile {
  readonly name: 'sframe' | 'livekit'
  /** The codecs that may be negotiated, as lower-case mime types. */
  readonly codecs: { readonly audio: readonly string[]; readonly video: readonly string[] }
}

/** A profile as `FrameCrypto` uses it: its worker, and its keys. */
export interface FormatProfile extends FrameProfile {
  /** Choices of the sender that the worker is told when it starts. */
  readonly choices?: SealingChoices
  /** How media is signed; left out: it is not. */
  readonly signing?: SigningChoices
  /** The entry with the script of its worker. */
  readonly workerEntry: WorkerEntry
  /** Starts the worker of this format. @throws MediaError `ERR_MEDIA_WORKER_START` */
  spawnWorker(): Worker
  /** Checks the id of another participant. @throws TypeError */
  checkPeer(peer: string, self: string): ParticipantId
  /** Begins to give keys to the worker. */
  startKeys(session: ProfileSession): ProfileKeys
}

/** The session whose keys a profile delivers, and the callbacks. */
export interface ProfileSession {
  readonly self: string
  readonly link: WorkerLink
  readonly clock: Clock
  /** Called when this session seals under a new key. */
  onSenderKey(): void
  /** Called when there is no key to seal with. */
  onNoKey(error: MediaError): void
}

/** The keys of a session on their way to the worker. */
export interface ProfileKeys {
  /**
   * Resolves when the worker holds the key to seal with.
   *
   * @throws MediaError `ERR_MEDIA_NO_KEY` (rejects): nothing is sealed then
   */
  requireSenderKey(): Promise<void>
  /** Takes a notice of the worker about keys. */
  receive(notice: WorkerNotice & { readonly type: 'key-needed' | 'key-proven' }): void
  /** Describes the current key for receivers, as text for authenticated signalling. */
  describe(): Promise<string>
  /** Prepares for the key that another participant described; a malformed description changes nothing. */
  prepare(peer: string, description: string): void
  /** Stops following the keys. */
  close(): void
}
