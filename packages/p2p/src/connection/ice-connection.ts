/**
 * The platform's connection, as both sides use it: made alike, its candidates sent and received, its ICE restarted.
 *
 * @module
 */
import type { RestartInput } from '../recovery/restart-policy.ts'
import { PeerExpiry } from '../recovery/peer-expiry.ts'
import { Restarter } from '../recovery/restarter.ts'
import type { CandidateDescription, CandidateMessage } from '../signalling/messages.ts'
import { CandidateQueue } from './candidate-queue.ts'
import { checkDescription } from './check-description.ts'
import { CandidateSender } from './candidate-sender.ts'
import type { ConnectionEnd, PeerContext } from './peer-context.ts'
import { PlatformCalls } from './platform-calls.ts'
import { endpointOf } from './remote-address.ts'
import { tidyDescription } from './tidy-description.ts'

/** Callbacks of an {@link IceConnection}. */
export interface IceConnectionEvents {
  /** As in {@link ConnectionEnd}. */
  readonly dataName: ConnectionEnd['dataName']
  /** The connection is of no use: it is to be closed, and the peer to be told. */
  readonly broken: () => void
  /** ICE is to be restarted now. spec S30 */
  readonly restart: () => void
  /** The connection is well. */
  readonly connected?: () => void
}

/** One `RTCPeerConnection` of a link, from its making to its end. spec S19, S24 */
export class IceConnection {
  /** The platform's connection. */
  readonly platform: RTCPeerConnection
  /** Every call of `platform` that is waited for goes through it. */
  readonly calls: PlatformCalls = new PlatformCalls()
  readonly #context: PeerContext
  readonly #queue = new CandidateQueue()
  readonly #candidates: CandidateSender
  readonly #restarter: Restarter
  readonly #expiry: PeerExpiry
  readonly #endData: (() => void) | undefined
  #closed = false

  constructor(context: PeerContext, events: IceConnectionEvents) {
    this.#context = context
    this.#candidates = new CandidateSender(context)
    this.#restarter = new Restarter(context.clock, events.restart, () =>
      context.reaches(context.peer),
    )
    this.#expiry = new PeerExpiry(context.clock, context.unreachable)
    this.platform = new RTCPeerConnection({
      ...context.iceServers.configuration,
      bundlePolicy: 'max-bundle',
      // Holds frames back until a transform is set.
      ...context.frames.connectionConfig,
    })
    this.#endData = context.attachData?.({ connection: this.platform, ...events }, context)
    this.platform.addEventListener('icecandidate', ({ candidate }) =>
      this.#candidates.add(candidate),
    )
    this.platform.addEventListener('connectionstatechange', () => {
      if (this.#closed) return
      const state = this.platform.connectionState
      if (state === 'connected') {
        this.#candidates.connected()
        this.#expiry.stop(context.peer)
        events.connected?.()
      } else {
        this.#expiry.start(context.peer)
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

  /**
   * The other side's description as the platform may read it, whose credentials negotiation `ice` began; `undefined` if it may not. You must set
   * no other one. spec S115, S116
   */
  checkRemote(sdp: string, ice: number): string | undefined {
    this.#queue.begin(ice)
    return checkDescription(sdp, (candidate) => {
      return this.#isReachable(candidate) && this.#queue.take(candidate) !== 'overflow'
    })
  }

  /** Applies the candidates that waited for the remote description with the credentials of negotiation `ice`. */
  async applyWaitingCandidates(ice: number): Promise<void> {
    for (const candidate of this.#queue.described(ice)) await this.#apply(candidate)
  }

  /** Applies the other side's candidates, or keeps them until their description is set. */
  async receiveCandidates({ ice, candidates }: CandidateMessage): Promise<void> {
    for (const candidate of candidates) {
      if (!this.#isReachable(candidate.candidate)) continue
      const verdict = this.#queue.admit(ice, candidate)
      if (verdict === 'apply') await this.#apply(candidate)
      else if (verdict !== 'done') this.#context.dropped(verdict)
    }
  }

  /** Whether the peer may point this side at the place of a candidate; counts one that it may not. spec S116 */
  #isReachable(candidate: string): boolean {
    // The end of candidates names no place.
    if (candidate === '') return true
    const endpoint = endpointOf(candidate)
    if (endpoint === undefined) this.#context.dropped('address')
    else if (this.#context.addresses.take(endpoint, this.#context.clock.now())) return true
    else this.#context.dropped('rate')
    return false
  }

  /** Passes an event to the restart policy. */
  observe(input: RestartInput): void {
    if (this.#closed) return
    if (input.type === 'begun' && this.platform.connectionState !== 'connected') {
      this.#expiry.start(this.#context.peer)
    }
    this.#restarter.observe(input)
  }

  /** Closes the connection without telling the other side. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#expiry.stop(this.#context.peer)
    this.#restarter.close()
    this.#candidates.close()
    this.#endData?.()
    this.platform.close()
    this.calls.close()
    this.#context.frames.release(this.platform)
    this.#context.stateChanged('closed')
  }

  /** A candidate that the platform refuses (one of an older restart) is dropped and counted. */
  async #apply(candidate: CandidateDescription): Promise<void> {
    try {
      await this.calls.settled(this.platform.addIceCandidate(candidate))
    } catch {
      if (!this.#closed) this.#context.dropped('stale')
    }
  }
}
