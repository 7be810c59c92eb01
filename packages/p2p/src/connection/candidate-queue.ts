/**
 * Remote candidates that wait for the description that they belong to.
 *
 * @module
 */
import type { CandidateDescription } from '../signalling/messages.ts'

/** Most candidates that wait at once; further ones are refused. spec S19 */
export const MAX_WAITING_CANDIDATES = 256

/** The fate of a candidate: `apply` it now, it waits (`queued`), or it is dropped. */
export type CandidateVerdict = 'apply' | 'queued' | 'stale' | 'overflow'

/**
 * A bounded queue for one connection. Candidates name the negotiation that began their ICE credentials; they
 * are applied only while the remote description of exactly these credentials is.
 */
export class CandidateQueue {
  #ice = 0
  #waiting: { readonly ice: number; readonly candidate: CandidateDescription }[] = []

  /** How many candidates wait. */
  get size(): number {
    return this.#waiting.length
  }

  /** Decides on a candidate, and keeps it if it came before its description. */
  admit(ice: number, candidate: CandidateDescription): CandidateVerdict {
    if (ice < this.#ice) return 'stale'
    if (ice === this.#ice) return 'apply'
    if (this.#waiting.length >= MAX_WAITING_CANDIDATES) return 'overflow'
    this.#waiting.push({ ice, candidate })
    return 'queued'
  }

  /** Records that the remote description with these credentials is set; returns the candidates that waited for it, in order. */
  described(ice: number): readonly CandidateDescription[] {
    this.#ice = Math.max(this.#ice, ice)
    const due = this.#waiting.filter((entry) => entry.ice === this.#ice)
    this.#waiting = this.#waiting.filter((entry) => entry.ice > this.#ice)
    return due.map((entry) => entry.candidate)
  }
}
