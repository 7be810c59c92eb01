/**
 * The platform's connection, as both sides use it: made alike, its candidates sent and received, its ICE restarted.
 *
 * @module
 */
import type { RestartInput } from '../recovery/restart-policy.ts'
import { Restarter } from '../recovery/restarter.ts'
import type { CandidateDescription, CandidateMessage } from '../signalling/messages.ts'
import { CandidateQueue } from './candidate-queue.ts'
import { CandidateSender } from './candidate-sender.ts'
import type { PeerContext } from './peer-context.ts'
import { tidyDescription } from './tidy-description.ts'

/** Callbacks of an {@link IceConnection}. */
export interface IceConnectionEvents {
  /** ICE is to be restarted now. spec S30 */
  readonly restart: () => void
  /** The connection is well. */
  readonly connected?: () => void
}

/** One `RTCPeerConnection` of a link, from its making to its end. spec S19, S24 */
export class IceConnection {
  /** The platform's connection. */
  readonly platform: RTCPeerConnection
  readonly #context: PeerContext
  readonly #queue = new CandidateQueue()
  readonly #candidates: CandidateSender
  readonly #restarter: Restarter
  #closed = false

  constructor(context: PeerContext, events: IceConnectionEvents) {
    this.#context = context
    this.#candidates = new CandidateSender(context)
    this.#restarter = new Restarter(context.clock, events.restart)
    this.platform = new RTCPeerConnection({
      ...context.rtc,
      bundlePolicy: 'max-bundle',
      // Holds frames back until a transform is set.
      ...context.frames.connectionConfig,
    })
    this.platform.addEventListener('icecandidate', ({ candidate }) =>
      this.#candidates.add(candidate),
    )
    this.platform.addEventListener('connectionstatechange', () => {
      if (this.#closed) return
      const state = this.platform.connectionState
      if (state === 'connected') {
        this.#candidates.connected()
        events.connected?.()
      }
      this.#restarter.observe({ type: 'state', state })
      context.stateChanged(state)
    })
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#closed
  }

  /** The local description with the candidates found until now, as other browsers read it; empty before the first. */
  get localSdp(): string {
    return tidyDescription(this.platform.localDescription?.sdp ?? '')
  }

  /** Candidates found from now on belong to the ICE credentials of negotiation `ice` of the named connection. */
  beginCandidates(connection: string, ice: number): void {
    this.#candidates.begin(connection, ice)
  }

  /** Applies the candidates that waited for the remote description with the credentials of negotiation `ice`. */
  async applyWaitingCandidates(ice: number): Promise<void> {
    await this.#apply(this.#queue.described(ice))
  }

  /** Applies the other side's candidates, or keeps them until their description is set. */
  async receiveCandidates({ ice, candidates }: CandidateMessage): Promise<void> {
    for (const candidate of candidates) {
      const verdict = this.#queue.admit(ice, candidate)
      if (verdict === 'apply') await this.#apply([candidate])
      else if (verdict !== 'queued') this.#context.dropped(verdict)
    }
  }

  /** Passes an event to the restart policy. */
  observe(input: RestartInput): void {
    this.#restarter.observe(input)
  }

  /** Closes the connection without telling the other side. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#restarter.close()
    this.#candidates.close()
    this.platform.close()
    this.#context.frames.release(this.platform)
    this.#context.stateChanged('closed')
  }

  /** Candidates that the platform refuses (those of an older restart) are dropped and counted. */
  async #apply(candidates: readonly CandidateDescription[]): Promise<void> {
    for (const candidate of candidates) {
      try {
        await this.platform.addIceCandidate(candidate)
      } catch {
        this.#context.dropped('stale')
      }
    }
  }
}
