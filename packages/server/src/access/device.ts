import { concatBytes, encodeBase64Url, textToBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'

/** The device of a connection whose authorizer names none: the same whenever the connection asks, and no way back to its nonce. spec G44 */
export async function drawDevice(nonce: string): Promise<string> {
  const hash = await hashBytes(concatBytes(textToBytes('conclave/1 device\0'), textToBytes(nonce)))
  return encodeBase64Url(hash.slice(0, DEVICE_BYTES))
}

const DEVICE_BYTES = 16
