import { createFrameCipher } from '../sframe/cipher.ts'
import type { Suite } from '../sframe/suite.ts'
import { composeKid, drawKidNonce } from '../shared/kid.ts'
import { SenderKey } from './sender-key.ts'

/** The key that this session seals with: first its KID is drawn, then its base key is installed. spec M8 */
export class SenderKeySlot {
  /** The KID drawn last, until a key is installed under it: no other KID is accepted, and none twice. */
  #drawnKid: bigint | undefined
  /** The KID whose key is derived at present, so that a slow derivation does not undo a later change. */
  #derivedKid: bigint | undefined
  #key: SenderKey | undefined

  /** The key to seal with; without one, frames are dropped. */
  get key(): SenderKey | undefined {
    return this.#key
  }

  /** Draws a fresh KID for an epoch. */
  drawKid(epoch: bigint): bigint {
    const kid = composeKid(drawKidNonce(), epoch)
    this.#drawnKid = kid
    return kid
  }

  /** Seals with this key from now on, unless it is dropped or followed by another before its derivation ends. */
  async install(
    kid: bigint,
    { suite, baseKey }: { readonly suite: Suite; readonly baseKey: CryptoKey },
  ): Promise<void> {
    if (kid !== this.#drawnKid) throw new Error('unreachable: a KID is used once')
    this.#drawnKid = undefined
    this.#derivedKid = kid
    const cipher = await createFrameCipher(baseKey, { suite, kid, use: 'seal' })
    if (kid !== this.#derivedKid) return
    this.#derivedKid = undefined
    this.#key = new SenderKey(kid, { cipher })
  }

  /** Seals no more with the key of this KID; a later one is not touched. */
  drop(kid: bigint): void {
    if (kid === this.#derivedKid) this.#derivedKid = undefined
    if (kid === this.#key?.kid) this.#key = undefined
  }
}
