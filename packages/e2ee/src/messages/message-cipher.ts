import { concatBytes, textToBytes } from '@conclave/base'
import type { AesGcmContext } from '@conclave/crypto'
import { SEQUENCE_OFFSET } from './message-envelope.ts'
import { partiesToBytes, PAYLOAD_LABEL } from './message-purpose.ts'
import type { MessageContext } from './message-purpose.ts'

/** Nonce and authenticated data of a message, by its header in bytes, which the envelope begins with. spec P2, P6 */
export function cipherContext(
  header: Uint8Array<ArrayBuffer>,
  context: MessageContext,
): Required<Pick<AesGcmContext, 'nonce' | 'additionalData' | 'lead'>> {
  return {
    lead: header,
    nonce: concatBytes(NONCE_PREFIX, header.subarray(SEQUENCE_OFFSET, SEQUENCE_OFFSET + 8)),
    additionalData: concatBytes(AAD_PREFIX, header, partiesToBytes(context)),
  }
}

const NONCE_PREFIX = new Uint8Array(4)
const AAD_PREFIX = textToBytes(`${PAYLOAD_LABEL}\0`)
