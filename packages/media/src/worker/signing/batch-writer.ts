/**
 * Signs the frames of one sealing transform, and says which batches each frame carries. spec M91, M92
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import { batchStatement, encodeBatch, MAX_BATCH_FRAMES, MAX_COUNTER_GAP } from './batch.ts'
import type { SignedTrack } from './batch.ts'
import { batchItem, extendFrame } from './extension.ts'
import { digestFrame } from './frame-digest.ts'
import type { CertifiedSigner } from './media-signer.ts'

/** The layer of an encoder's frame, as its metadata tell. A server passes some layers on and leaves out others. */
export interface FrameLayer {
  /** The SSRC and the spatial layer. */
  readonly name: string
  /** 0 is the temporal layer that everybody gets. */
  readonly temporal: number
}

/** A frame that is about to be sealed. */
export interface SignableFrame {
  readonly kid: bigint
  readonly counter: number
  readonly rest: Uint8Array
  readonly additionalData: Uint8Array
  readonly layer?: FrameLayer | undefined
}

/** The signer, the track, and the time. */
export interface BatchWriterOptions {
  readonly track: SignedTrack
  /** Signs each frame by itself. */
  readonly isEach: boolean
  now(): number
}

/** You must call it for one frame after the other. */
export class BatchWriter {
  readonly #options: BatchWriterOptions
  #open: OpenBatch | undefined
  #closedAtMs = Number.NEGATIVE_INFINITY
  /** Those that are carried, or carried again. */
  #carried: CarriedBatch[] = []
  readonly #certificateDueMs = new BoundedMap<string, number>(MAX_LAYERS)

  constructor(options: BatchWriterOptions) {
    this.#options = options
  }

  /** The bytes to encrypt for a frame: its own, and what it carries. */
  async extend(frame: SignableFrame, signer: CertifiedSigner): Promise<Uint8Array<ArrayBuffer>> {
    const { kid, counter, rest, additionalData } = frame
    const digest = await digestFrame(rest, additionalData)
    const nowMs = this.#options.now()
    let next = this.#open
    if (next === undefined || next.kid !== kid || counter - next.from > MAX_COUNTER_GAP) {
      if (next && next.digests.size > 0) await this.#close(next, { signer, nowMs })
      if (next?.kid !== kid) this.#closedAtMs = Number.NEGATIVE_INFINITY
      next = { kid, from: counter, digests: new Map() }
      this.#open = next
    }
    next.digests.set(counter, digest)
    const isDue = this.#options.isEach || nowMs - this.#closedAtMs >= PERIOD_MS
    if (isDue || next.digests.size >= MAX_BATCH_FRAMES) {
      await this.#close(next, { signer, nowMs })
      this.#open = { kid, from: counter + 1, digests: new Map() }
    }
    return extendFrame(rest, this.#itemsFor(frame, { signer, nowMs }))
  }

  async #close(batch: OpenBatch, { signer, nowMs }: Signing): Promise<void> {
    const { hint } = signer
    const content = encodeBatch({ ...batch, hint })
    const signature = await signer.sign(batchStatement(this.#options.track, content))
    const [only] = batch.digests.size === 1 ? batch.digests.keys() : []
    this.#closedAtMs = nowMs
    this.#carried.push({
      kid: batch.kid,
      item: batchItem(content, signature),
      only,
      closedAtMs: nowMs,
      countByLayer: new BoundedMap(MAX_LAYERS),
    })
    if (this.#carried.length > MAX_CARRIED) this.#carried.shift()
  }

  #itemsFor(
    { kid, counter, layer = WHOLE }: SignableFrame,
    { signer, nowMs }: Signing,
  ): Uint8Array[] {
    const items: Uint8Array[] = []
    if (layer.temporal > 0) return items
    const { name } = layer
    if (nowMs >= (this.#certificateDueMs.get(name) ?? Number.NEGATIVE_INFINITY)) {
      this.#certificateDueMs.set(name, nowMs + CERTIFICATE_EVERY_MS)
      items.push(signer.certificate)
    }
    let left = MAX_ITEM_BYTES
    this.#carried = this.#carried.filter((batch) => {
      const { item, closedAtMs, countByLayer } = batch
      const count = countByLayer.get(name) ?? 0
      const dueMs = closedAtMs + (REPEATED_AFTER_MS[count] ?? Number.POSITIVE_INFINITY)
      if (nowMs >= dueMs && (item.length <= left || left === MAX_ITEM_BYTES)) {
        items.push(item)
        left -= item.length
        countByLayer.set(name, count + 1)
        // Whoever does not get this frame has nothing to verify.
        if (batch.only === counter && batch.kid === kid) return false
      }
      return nowMs - closedAtMs < FORGOTTEN_AFTER_MS
    })
    return items
  }
}

interface OpenBatch {
  readonly kid: bigint
  readonly from: number
  readonly digests: Map<number, Uint8Array>
}

interface CarriedBatch {
  readonly kid: bigint
  readonly item: Uint8Array
  /** The counter of its only frame. */
  readonly only: number | undefined
  readonly closedAtMs: number
  readonly countByLayer: BoundedMap<string, number>
}

interface Signing {
  readonly signer: CertifiedSigner
  readonly nowMs: number
}

/** A frame of sound, and of video without layers. */
const WHOLE: FrameLayer = { name: '', temporal: 0 }
const PERIOD_MS = 250
/** When a batch is carried, from its closing on. */
const REPEATED_AFTER_MS = [0, 100, 500, 1250]
const FORGOTTEN_AFTER_MS = 2000
const CERTIFICATE_EVERY_MS = 500
/** Sound must fit into one packet. */
const MAX_ITEM_BYTES = 1000
const MAX_CARRIED = 64
const MAX_LAYERS = 16
