/**
 * The sessions that sign their media. spec R134, R135
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import type { SessionKeys } from '@conclave/e2ee/session'
import type { SignedMedia } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import type { ParticipantInfo } from '../messages/bodies.ts'

/** Remembers of each session whether its first hello said that it signs; it says so for good. */
export class MediaSigners {
  /** For the encryption of frames. */
  readonly signedMedia: SignedMedia
  readonly #signsById = new BoundedMap<ParticipantId, boolean>(MAX_SESSIONS)

  /** @param session the keys of this session, if it signs */
  constructor(session: SessionKeys | undefined) {
    this.signedMedia = {
      session,
      signs: (participant) => this.#signsById.get(participant) === true,
    }
  }

  /** The information of a session, with what it said first about its signatures. */
  settle(participant: ParticipantId, info: ParticipantInfo): ParticipantInfo {
    const { signsMedia = false, ...rest } = info
    const signs = this.#signsById.get(participant) ?? signsMedia
    this.#signsById.set(participant, signs)
    return signs ? { ...rest, signsMedia: true } : rest
  }
}

/** As many as a session meets, and itself. spec R58 */
const MAX_SESSIONS = 4096
