/**
 * The signatures of a session's frames, and of those that it opens. spec M88 to M96
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import type { SigningChoices } from '../../shared/protocol.ts'
import { encodeTrackLabel } from '../../shared/track-name.ts'
import type { TrackName } from '../../shared/track-name.ts'
import type { FrameSigning } from '../frame-sealer.ts'
import { BatchReader } from './batch-reader.ts'
import { BatchWriter } from './batch-writer.ts'
import { CertifiedKeys } from './certified-keys.ts'
import { MediaSigner } from './media-signer.ts'
import type { SignedTrack } from './batch.ts'

/** The media key of this session, those of others, and the tracks that stopped. Outlives connections. */
export class FrameSignatures {
  readonly #now: () => number
  readonly #signer = new MediaSigner()
  readonly #keysById = new BoundedMap<ParticipantId, CertifiedKeys>(MAX_PARTICIPANTS)
  readonly #stopped = new BoundedMap<string, true>(MAX_STOPPED)
  #choices: SigningChoices = { isSigner: false, room: new Uint8Array() }

  constructor(now: () => number) {
    this.#now = now
  }

  /** Takes the choices of the page. */
  use(choices: SigningChoices): void {
    this.#choices = choices
  }

  /** Makes the media key of this session, and gives its public half. */
  makeKey(): Promise<Uint8Array> {
    return this.#signer.makeKey()
  }

  /** Takes the certificate of the key. */
  certify(certificate: Uint8Array): void {
    this.#signer.certify(certificate)
  }

  /** Signs the frames of a sealing transform; `undefined` if this session does not sign. */
  startWriting(pipe: TrackName): FrameSigning | undefined {
    if (!this.#choices.isSigner) return undefined
    const signer = this.#signer
    const writer = new BatchWriter({
      track: this.#trackOf(pipe),
      isEach: pipe.label === EACH_LABEL,
      now: this.#now,
    })
    return {
      writer,
      get signer() {
        return signer.certified
      },
    }
  }

  /** Verifies the frames of an opening transform, whose participant may turn out to sign. */
  startReading(pipe: TrackName): () => BatchReader {
    let reader: BatchReader | undefined
    return () => (reader ??= this.#createReader(pipe))
  }

  /** Whether a track has stopped. */
  isStopped(track: TrackName): boolean {
    return this.#stopped.size > 0 && this.#stopped.has(nameOf(track))
  }

  /** Stops a track, for good; `false` if it had stopped before. */
  stop(track: TrackName): boolean {
    if (this.isStopped(track)) return false
    this.#stopped.set(nameOf(track), true)
    return true
  }

  #createReader(pipe: TrackName): BatchReader {
    const track = this.#trackOf(pipe)
    let keys = this.#keysById.get(pipe.participant)
    if (keys === undefined) {
      keys = new CertifiedKeys(track)
      this.#keysById.set(pipe.participant, keys)
    }
    return new BatchReader({ track, keys, now: this.#now })
  }

  #trackOf({ participant, label }: TrackName): SignedTrack {
    const { room } = this.#choices
    return { room, participant: idToBytes(participant), encodedLabel: encodeTrackLabel(label) }
  }
}

const nameOf = ({ participant, label }: TrackName): string => `${participant}/${label}`

const MAX_PARTICIPANTS = 1024
/** Four tracks of each participant. */
const MAX_STOPPED = 4096
/** A still screen has no next frame, which could carry the batch of the last one. spec M91 */
const EACH_LABEL = 'screen'
