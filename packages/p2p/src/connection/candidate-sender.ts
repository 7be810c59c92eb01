/**
 * Gathers a connection's candidates into few messages.
 *
 * @module
 */
import { MAX_CANDIDATES, MAX_CANDIDATE_LENGTH } from '../signalling/messages.ts'
import type { CandidateDescription } from '../signalling/messages.ts'
import type { PeerContext } from './peer-context.ts'

/** How long a candidate waits for others, in milliseconds. */
const CANDIDATE_DELAY_MS = 10

/** Sends candidates in batches, each with the negotiation that began its ICE credentials. spec S19 */
export class CandidateSender {
  readonly #context: PeerContext
  #waiting: CandidateDescription[] = []
  #ice = 0
  #connection = ''
  #timer: unknown

  constructor(context: PeerContext) {
    this.#context = context
  }

  /** Candidates from now on belong to these credentials of this connection. */
  begin(connection: string, ice: number): void {
    this.#flush()
    this.#connection = connection
    this.#ice = ice
  }

  /** Adds the candidate of an `icecandidate` event. The end of candidates is not sent: nothing waits for it. */
  add(candidate: RTCIceCandidate | null): void {
    if (candidate === null || candidate.candidate === '') return
    if (candidate.candidate.length > MAX_CANDIDATE_LENGTH) return
    if (this.#waiting.length === 0) {
      this.#timer = this.#context.clock.setTimeout(() => this.#flush(), CANDIDATE_DELAY_MS)
    }
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate
    this.#waiting.push({
      candidate: candidate.candidate,
      sdpMid,
      sdpMLineIndex,
      usernameFragment: usernameFragment ?? null,
    })
    if (this.#waiting.length >= MAX_CANDIDATES) this.#flush()
  }

  /** Forgets the candidates that wait. */
  close(): void {
    this.#waiting = []
    this.#context.clock.clearTimeout(this.#timer)
  }

  #flush(): void {
    this.#context.clock.clearTimeout(this.#timer)
    const candidates = this.#waiting
    if (candidates.length === 0 || this.#ice === 0) return
    this.#waiting = []
    this.#context.send({
      type: 'candidate',
      id: this.#context.self,
      connection: this.#connection,
      ice: this.#ice,
      candidates,
    })
  }
}
