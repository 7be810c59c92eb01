import { randomBytes } from '@conclave/crypto'
import { createFrameCipher } from '../sframe/cipher.ts'
import type { Suite } from '../sframe/suite.ts'
import { composeKid, KID_NONCE_BYTES } from '../shared/kid.ts'
import { SenderKey } from './sender-key.ts'

/** The key that this session seals with: first its KID is drawn, then its base key is installed. spec M8 */
export class SenderKeySlot {
  /** The KID drawn last, until a key is installed under it: no other KID is accepted, and none twice. */
  #drawnKid: bigint | undefined
  /** The newest installation, so that a slow derivation does not undo a later change. */
  #installation: object | undefined
  #key: SenderKey | undefined

  /** The key to seal with; without one, frames are dropped. */
  get key(): SenderKey | undefined {
    return this.#key
  }

  /** Draws a fresh KID for an epoch. */
  drawKid(epoch: bigint): bigint {
    const kid = composeKid(randomBytes(KID_NONCE_BYTES), epoch)
    this.#drawnKid = kid
    return kid
  }

  /** Seals with this key from now on, unless the slot changes before its derivation ends. */
  async install(
    kid: bigint,
    { suite, baseKey }: { readonly suite: Suite; readonly baseKey: CryptoKey },
  ): Promise<void> {
    if (kid !== this.#drawnKid) throw new Error('unreachable: a KID is used once')
    this.#drawnKid = undefined
    const installation = {}
    this.#installation = installation
    const cipher = await createFrameCipher(baseKey, { suite, kid, use: 'seal' })
    if (installation === this.#installation) this.#key = new SenderKey(kid, { cipher })
  }

  /** Ends sealing until the next installation. */
  drop(): void {
    this.#installation = undefined
    this.#key = undefined
  }
}
