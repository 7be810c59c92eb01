/**
 * Verifies the frames of one opening transform by the batches of their sender. spec M93 to M96
 *
 * @module
 */
import { BoundedMap, RateLimiter, equalBytes } from '@conclave/base'
import { verifyBytes } from '@conclave/crypto/verify'
import { batchStatement } from './batch.ts'
import type { Batch, SignedBatch, SignedTrack } from './batch.ts'
import type { CertifiedKeys } from './certified-keys.ts'
import { digestFrame } from './frame-digest.ts'
import type { ExtensionItems } from './extension.ts'

/** A frame that was opened, with what it carried. */
export interface OpenedSignedFrame {
  readonly kid: bigint
  readonly counter: number
  readonly rest: Uint8Array
  readonly additionalData: Uint8Array
  /** `undefined` if what it carried is malformed: no sender that signs makes that. */
  readonly items: ExtensionItems | undefined
}

/** The track, its sender's keys, and the time. */
export interface BatchReaderOptions {
  readonly track: SignedTrack
  readonly keys: CertifiedKeys
  now(): number
}

/** You must call it for one frame after the other, and for none after it said `false`. */
export class BatchReader {
  readonly #options: BatchReaderOptions
  /** Frames whose batch has not come, in the order in which they came. */
  readonly #waiting = new Map<string, WaitingFrame>()
  /** Those that waited too long: a batch may still contradict one of them. */
  readonly #lapsed = new BoundedMap<string, WaitingFrame>(MAX_LAPSED)
  /** The lowest counter that a batch covered, by KID. */
  readonly #lowestByKid = new BoundedMap<bigint, number>(MAX_KIDS)
  #strangersLeft = MAX_LAPSED_AT_ONCE
  /** The newest ones that verified, the last one first. */
  readonly #verified: SignedBatch[] = []
  readonly #lapses = new RateLimiter({ perSecond: 1, burst: MAX_LAPSED_AT_ONCE })
  readonly #verifications = new RateLimiter({ perSecond: 32, burst: 32 })

  constructor(options: BatchReaderOptions) {
    this.#options = options
  }

  /** Whether a frame may be shown; `false` when its track must stop. */
  async accepts(frame: OpenedSignedFrame): Promise<boolean> {
    const { kid, counter, rest, additionalData, items } = frame
    if (items === undefined) return false
    const { keys } = this.#options
    const nowMs = this.#options.now()
    const digest = await digestFrame(rest, additionalData)
    for (const certificate of items.certificates) await keys.take(certificate, nowMs)
    for (const batch of items.batches) if (!(await this.#accept(batch, nowMs))) return false
    const waiting = { kid, counter, digest, atMs: nowMs }
    const verdict = this.#judge(waiting)
    if (verdict === 'forged') return false
    if (verdict === 'waiting') this.#waiting.set(`${kid}/${counter}`, waiting)
    return this.#waiting.size <= MAX_WAITING && this.#lapse(nowMs)
  }

  /** Verifies a batch, and the frames that wait for it; `false` if it, or one of them, is forged. */
  async #accept(batch: SignedBatch, nowMs: number): Promise<boolean> {
    const { keys, track } = this.#options
    const { content, signature } = batch
    if (this.#verified.some((known) => isSame(known, batch))) return true
    const key = keys.find(batch.hint)
    if (key === undefined || !this.#verifications.take(nowMs)) return true
    if (!(await verifyBytes(key, signature, batchStatement(track, content)))) return false
    this.#verified.unshift(batch)
    this.#verified.splice(MAX_VERIFIED)
    const lowest = this.#lowestByKid.get(batch.kid) ?? batch.from
    this.#lowestByKid.set(batch.kid, Math.min(lowest, batch.from))
    for (const frames of [this.#waiting, this.#lapsed]) {
      for (const [name, frame] of frames) {
        const verdict = verdictOf(frame, batch)
        if (verdict === 'forged') return false
        if (verdict === 'signed') frames.delete(name)
      }
    }
    return true
  }

  #judge(frame: WaitingFrame): Verdict {
    for (const batch of this.#verified) {
      const verdict = verdictOf(frame, batch)
      if (verdict !== 'waiting') return verdict
    }
    return 'waiting'
  }

  /** Gives up the frames that waited too long; `false` if there are too many of them. */
  #lapse(nowMs: number): boolean {
    for (const [name, frame] of this.#waiting) {
      if (nowMs - frame.atMs < LAPSES_AFTER_MS) break
      this.#waiting.delete(name)
      this.#lapsed.set(name, frame)
      if (!this.#mayLapse(frame, nowMs)) return false
    }
    return true
  }

  /** Networks cost frames behind those of which batches came. Of others there are few, once. */
  #mayLapse({ kid, counter }: WaitingFrame, nowMs: number): boolean {
    const lowest = this.#lowestByKid.get(kid)
    if (lowest !== undefined && counter > lowest) return this.#lapses.take(nowMs)
    this.#strangersLeft -= 1
    return this.#strangersLeft >= 0
  }
}

interface WaitingFrame {
  readonly kid: bigint
  readonly counter: number
  readonly digest: Uint8Array
  readonly atMs: number
}

type Verdict = 'signed' | 'forged' | 'waiting'

const verdictOf = ({ kid, counter, digest }: WaitingFrame, batch: Batch): Verdict => {
  if (kid !== batch.kid || counter < batch.from || counter > batch.to) return 'waiting'
  const listed = batch.digests.get(counter)
  return listed && equalBytes(listed, digest) ? 'signed' : 'forged'
}

const isSame = (one: SignedBatch, other: SignedBatch): boolean =>
  equalBytes(one.signature, other.signature) && equalBytes(one.content, other.content)

const MAX_WAITING = 256
const MAX_VERIFIED = 16
const LAPSES_AFTER_MS = 2000
const MAX_LAPSED_AT_ONCE = 32
const MAX_LAPSED = 256
const MAX_KIDS = 16
