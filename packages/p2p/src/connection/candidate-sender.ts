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
  /** The candidates of these credentials, and how many of them were sent. */
  #found: CandidateDescription[] = []
  #sentCount = 0
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
    this.#found = []
    this.#sentCount = 0
    this.#repetitionsLeft = MAX_REPETITIONS
    this.#connection = connection
    this.#ice = ice
  }

  /** Adds the candidate of an `icecandidate` event. The end of candidates is not sent: nothing waits for it. */
  add(candidate: RTCIceCandidate | null): void {
    if (candidate === null) return
    // The other side takes no others.
    if (candidate.candidate.length > MAX_CANDIDATE_LENGTH || !endpointOf(candidate.candidate))
      return
    this.#found.push(candidate.toJSON() as CandidateDescription)
    const count = this.#found.length - this.#sentCount
    const delayMs = this.#sentCount === 0 ? 0 : CANDIDATE_DELAY_MS
    if (count === 1) this.#timer = this.#context.clock.setTimeout(() => this.#flush(), delayMs)
    if (count >= MAX_CANDIDATES) this.#flush()
  }

  /** The connection is connected: nothing is sent again. */
  connected(): void {
    this.#retry.stop()
    this.#repetitionsLeft = 0
  }

  /** Forgets the candidates that wait. */
  close(): void {
    this.connected()
    this.#context.clock.clearTimeout(this.#timer)
  }

  #flush(): void {
    this.#context.clock.clearTimeout(this.#timer)
    const candidates = this.#found.slice(this.#sentCount)
    if (candidates.length === 0) return
    if (this.#sentCount === 0 && this.#repetitionsLeft > 0) this.#retry.start()
    this.#sentCount = this.#found.length
    this.#send(candidates)
  }

  #repeat(): void {
    // Any of them is enough to connect.
    this.#send(this.#found.slice(0, MAX_CANDIDATES))
    this.#repetitionsLeft -= 1
    if (this.#repetitionsLeft === 0) this.#retry.stop()
  }

  #send(candidates: readonly CandidateDescription[]): void {
    this.#context.send({
      type: 'candidate',
      connection: this.#connection,
      ice: this.#ice,
      candidates,
    })
  }
}
