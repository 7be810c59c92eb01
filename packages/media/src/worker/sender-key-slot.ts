import { createFrameCipher } from '../sframe/cipher.ts'
import type { Suite } from '../sframe/suite.ts'
import { composeKid, drawKidNonce } from '../shared/kid.ts'
import { SenderKey } from './sender-key.ts'

/** A base key, and how long video may wait for a key frame to begin with it. */
export interface SenderKeyOptions {
  readonly suite: Suite
  readonly baseKey: CryptoKey
  readonly waitMs: number
}

/** The key that this session seals with: first its KID is drawn, then its base key is installed. spec M8, M59 */
export class SenderKeySlot {
  readonly #now: () => number
  /** The KID drawn last, until a key is installed under it: no other KID is accepted, and none twice. */
  #drawnKid: bigint | undefined
  /** The KID whose key is derived at present, so that a slow derivation does not undo a later change. */
  #derivedKid: bigint | undefined
  #key: SenderKey | undefined
  /** The key before, while video waits for a key frame. */
  #earlier: { readonly key: SenderKey; readonly untilMs: number } | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * The key for the next frame of a pipe that sealed with `before`, which it keeps while its frame may not be the first
   * under another key. Without one, frames are dropped.
   */
  keyFor(
    before: SenderKey | undefined,
    frame: { readonly isDelta: boolean },
  ): SenderKey | undefined {
    const earlier = this.#earlier
    const isKept = earlier !== undefined && earlier.key === before && this.#now() < earlier.untilMs
    return isKept && frame.isDelta ? before : this.#key
  }

  /** Draws a fresh KID for an epoch. */
  drawKid(epoch: bigint): bigint {
    const kid = composeKid(drawKidNonce(), epoch)
    this.#drawnKid = kid
    return kid
  }

  /** Seals with this key from now on, unless it is dropped or followed by another before its derivation ends. */
  async install(kid: bigint, { suite, baseKey, waitMs }: SenderKeyOptions): Promise<void> {
    if (kid !== this.#drawnKid) throw new Error('unreachable: a KID is used once')
    this.#drawnKid = undefined
    this.#derivedKid = kid
    const cipher = await createFrameCipher(baseKey, { suite, kid, use: 'seal' })
    if (kid !== this.#derivedKid) return
    this.#derivedKid = undefined
    this.#earlier = this.#key && { key: this.#key, untilMs: this.#now() + waitMs }
    this.#key = new SenderKey(kid, { cipher })
  }

  /** Seals no more with the key of this KID; a later one is not touched. */
  drop(kid: bigint): void {
    if (kid === this.#derivedKid) this.#derivedKid = undefined
    if (kid === this.#earlier?.key.kid) this.#earlier = undefined
    if (kid !== this.#key?.kid) return
    this.#key = undefined
    this.#earlier = undefined
  }
}
