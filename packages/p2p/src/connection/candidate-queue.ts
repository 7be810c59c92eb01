/**
 * Remote candidates that wait for the description that they belong to.
 *
 * @module
 */
import type { CandidateDescription } from '../signalling/messages.ts'

/** Most candidates that wait at once; further ones are refused. spec S19 */
export const MAX_WAITING_CANDIDATES = 256
/** Most candidates of one set of ICE credentials; further ones are refused. spec S115 */
export const MAX_CANDIDATES_OF_ICE = 64

/** The fate of a candidate: `apply` it now, nothing is to be done because it waits or came before (`done`), or it is dropped. */
export type CandidateVerdict = 'apply' | 'done' | 'stale' | 'overflow'

/**
 * A bounded queue for one connection. Candidates name the negotiation that began their ICE credentials; they
 * are applied only while the remote description of exactly these credentials is.
 */
export class CandidateQueue {
  #ice = 0
  /** The candidates that the present credentials have. */
  #applied = new Set<string>()
  #waiting: { readonly ice: number; readonly candidate: CandidateDescription }[] = []

  /** How many candidates wait. */
  get size(): number {
    return this.#waiting.length
  }

  /** Decides on a candidate, and keeps it if it came before its description. */
  admit(ice: number, candidate: CandidateDescription): CandidateVerdict {
    if (ice < this.#ice) return 'stale'
    if (ice === this.#ice) return this.take(candidate.candidate)
    if (this.#waiting.length >= MAX_WAITING_CANDIDATES) return 'overflow'
    this.#waiting.push({ ice, candidate })
    return 'done'
  }

  /** Counts a candidate of the present credentials: the same one again changes nothing. */
  take(candidate: string): 'apply' | 'done' | 'overflow' {
    if (this.#applied.has(candidate)) return 'done'
    if (this.#applied.size >= MAX_CANDIDATES_OF_ICE) return 'overflow'
    this.#applied.add(candidate)
    return 'apply'
  }

  /** Counts from now on the candidates of these credentials, whose description is about to be set. */
  begin(ice: number): void {
    if (ice <= this.#ice) return
    this.#ice = ice
    this.#applied = new Set()
  }

  /** Records that the remote description with these credentials is set; returns the candidates that waited for it, in order. */
  described(ice: number): readonly CandidateDescription[] {
    this.begin(ice)
    const due = this.#waiting.filter((entry) => entry.ice === this.#ice)
    this.#waiting = this.#waiting.filter((entry) => entry.ice > this.#ice)
    return due
      .map((entry) => entry.candidate)
      .filter(({ candidate }) => this.take(candidate) === 'apply')
  }
}
