import { checkInstance, concatBytes, textToBytes } from '@conclave/base'
import { signBytes } from '@conclave/crypto'
import type { EventSigner, EventToSign } from '../events/event-signing.ts'
import type { SigningKeys } from './signing-keys.ts'

/**
 * Signs events: the `signer` of `sealEvent` and the functions like it. Only the public key identifies a signer, so one
 * signer may use several `sender` names if receivers know it by them. spec P50
 *
 * @throws TypeError for anything but signing keys
 */
export function createSigner(keys: SigningKeys): EventSigner {
  checkInstance<SigningKeys>('keys', keys, { of: 'SigningKeys', method: 'toStored' })
  const { privateKey } = keys.toStored()
  return {
    sign: async (event) =>
      concatBytes(await signBytes(privateKey, encodeEventToSign(event)), event.plaintext),
  }
}

/** The bytes that the signature of an event covers. spec P50 */
export function encodeEventToSign({
  associatedData,
  plaintext,
}: EventToSign): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, associatedData.length)
  return concatBytes(LABEL, length, associatedData, plaintext)
}

const LABEL = textToBytes('conclave/1 signed event\0')
