/**
 * The key with which a worker signs the frames of its session. spec M88
 *
 * @module
 */
import { generateSigningPair, signBytes } from '@conclave/crypto'
import type { CurveKeyPair } from '@conclave/crypto'
import { hintOf } from './batch.ts'
import { certificateItem } from './extension.ts'

/** A media key that a session certified. */
export interface CertifiedSigner {
  readonly hint: number
  /** The item that carries its certificate. */
  readonly certificate: Uint8Array
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

/** Makes the media key, which never leaves the worker, and takes its certificate. */
export class MediaSigner {
  #pair: CurveKeyPair | undefined
  #certified: CertifiedSigner | undefined

  /** Ready once the session has certified the key: until then nothing is sealed. */
  get certified(): CertifiedSigner | undefined {
    return this.#certified
  }

  /** Makes a new key, and gives its public half. */
  async makeKey(): Promise<Uint8Array<ArrayBuffer>> {
    this.#pair = await generateSigningPair()
    return this.#pair.publicKey
  }

  /** Takes the certificate of the key that was made last. */
  certify(certificate: Uint8Array): void {
    const pair = this.#pair
    if (pair === undefined) throw new Error('unreachable: there is no key to certify')
    this.#certified = {
      hint: hintOf(pair.publicKey),
      certificate: certificateItem(certificate),
      sign: (bytes) => signBytes(pair.privateKey, bytes),
    }
  }
}
