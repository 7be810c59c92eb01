/**
 * Gathers a connection's candidates into few messages.
 *
 * @module
 */
import { Retry } from '../recovery/retry.ts'
import { MAX_CANDIDATES, MAX_CANDIDATE_LENGTH } from '../signalling/messages.ts'
import type { CandidateDescription } from '../signalling/messages.ts'
import type { PeerContext } from './peer-context.ts'
import { endpointOf } from './remote-address.ts'

/** How long a candidate waits for others, in milliseconds; the first of its credentials waits only for those of its task. spec S107 */
const CANDIDATE_DELAY_MS = 10
/** After these, an ICE restart is near, and brings other candidates. */
const MAX_REPETITIONS = 4

/**
 * Sends candidates in batches, each with the negotiation that began its ICE credentials, and a few times again until
 * the connection is connected. spec S19, S22
 */
export class CandidateSender {
  readonly #context: PeerContext
  readonly #retry: Retry
  #waiting: CandidateDescription[] = []
  /** The first candidates of these credentials; any of them is enough to connect. */
  #sent: CandidateDescription[] = []
  #repetitionsLeft = 0
  #ice = 0
  #connection = ''
  #timer: unknown

  constructor(context: PeerContext) {
    this.#context = context
    this.#retry = new Retry(context.clock, () => this.#repeat())
  }

  /** Candidates from now on belong to these credentials of this connection. */
  begin(connection: string, ice: number): void {
    this.#flush()
    this.#retry.stop()
    this.#sent = []
    this.#repetitionsLeft = MAX_REPETITIONS
    this.#connection = connection
    this.#ice = ice
  }

  /** Adds the candidate of an `icecandidate` event. The end of candidates is not sent: nothing waits for it. */
  add(candidate: RTCIceCandidate | null): void {
    if (candidate === null || candidate.candidate === '') return
    // The other side takes no others.
    if (candidate.candidate.length > MAX_CANDIDATE_LENGTH || !endpointOf(candidate.candidate))
      return
    if (this.#waiting.length === 0) {
      const delayMs = this.#sent.length === 0 ? 0 : CANDIDATE_DELAY_MS
      this.#timer = this.#context.clock.setTimeout(() => this.#flush(), delayMs)
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

  /** The connection is connected: nothing is sent again. */
  connected(): void {
    this.#retry.stop()
    this.#repetitionsLeft = 0
  }

  /** Forgets the candidates that wait. */
  close(): void {
    this.#waiting = []
    this.connected()
    this.#context.clock.clearTimeout(this.#timer)
  }

  #flush(): void {
    this.#context.clock.clearTimeout(this.#timer)
    const candidates = this.#waiting
    if (candidates.length === 0 || this.#ice === 0) return
    this.#waiting = []
    this.#send(candidates)
    if (this.#sent.length === 0 && this.#repetitionsLeft > 0) this.#retry.start()
    this.#sent = [...this.#sent, ...candidates].slice(0, MAX_CANDIDATES)
  }

  #repeat(): void {
    this.#send(this.#sent)
    this.#repetitionsLeft -= 1
    if (this.#repetitionsLeft === 0) this.#retry.stop()
  }

  #send(candidates: readonly CandidateDescription[]): void {
    this.#context.send({
      type: 'candidate',
      id: this.#context.self,
      connection: this.#connection,
      ice: this.#ice,
      candidates,
    })
  }
}
