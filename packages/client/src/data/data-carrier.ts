/**
 * The port for everything that brings sealed data to another session: the hub, or data channels.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'

/** Events of a {@link DataCarrier}. None of it has authenticated. */
export interface DataCarrierEvents {
  /** It may reach a participant now, or no longer, or may have space again; left out: each of them. */
  readonly moved: { readonly participant?: ParticipantId | undefined }
  /** Data for a participant may be lost; left out: each of them. */
  readonly lost: { readonly participant?: ParticipantId | undefined }
  /** A sealed message came. */
  readonly data: { readonly from: ParticipantId; readonly payload: Uint8Array }
}

/** Brings sealed messages of data to other sessions. */
export interface DataCarrier {
  readonly isDirect: boolean
  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof DataCarrierEvents>(
    type: T,
    handler: (event: DataCarrierEvents[T]) => void,
  ): () => void
  /** Whether it can bring something to this participant at all. */
  reaches(to: ParticipantId): boolean
  /** Whether it would take so many sealed bytes now. */
  hasSpace(to: ParticipantId, bytes: number): boolean
  /** Takes a sealed message; `false`, and takes nothing, without space. Only `isReliable` ones are repeated on their way. */
  send(
    to: ParticipantId,
    payload: Uint8Array<ArrayBuffer>,
    options: { readonly isReliable: boolean },
  ): boolean
  /** Sends and hears nothing from now on. */
  close(): void
}
