/**
 * The seal of data on connections with other sessions, under the keys of each pair.
 *
 * @module
 */
import type { EventKeys } from '@conclave/e2ee'
import { type DataSeal, createDataSeal } from '@conclave/e2ee/session'
import type { DataProtector, ProtectedData } from '@conclave/p2p'
import { type ParticipantId, type RoomId, parseParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'

/** The needs of {@link SessionData}. */
export interface SessionDataOptions {
  readonly room: RoomId
  readonly self: ParticipantId
  /** The keys for what two sessions say to each other only. */
  readonly keysOf: (participant: ParticipantId) => EventKeys | undefined
}

/** Seals for the participants of a room, and opens what they sealed. spec S97 */
export class SessionData implements DataProtector {
  readonly #seal: DataSeal

  get [Symbol.toStringTag](): string {
    return 'SessionData'
  }

  constructor(options: SessionDataOptions) {
    this.#seal = createDataSeal(options)
  }

  async seal(place: ProtectedData, bytes: Uint8Array): Promise<Uint8Array> {
    const peer = parseParticipantId(place.peer)
    if (peer === undefined) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    return this.#seal.seal({ ...place, peer }, bytes)
  }

  async open(place: ProtectedData, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const peer = parseParticipantId(place.peer)
    return peer && this.#seal.open({ ...place, peer }, bytes)
  }
}
