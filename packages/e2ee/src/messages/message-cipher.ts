import { concatBytes, textToBytes } from '@conclave/base'
import type { AesGcmContext } from '@conclave/crypto'
import { AUDIENCE_OFFSET, SEQUENCE_OFFSET } from './message-envelope.ts'
import { partiesToBytes, PAYLOAD_LABEL } from './message-purpose.ts'
import type { MessageContext } from './message-purpose.ts'

/** Nonce and authenticated data of a message, by its header in bytes, which the envelope begins with. spec P2, P6 */
export function cipherContext(
  header: Uint8Array<ArrayBuffer>,
  context: MessageContext,
): Required<Pick<AesGcmContext, 'nonce' | 'additionalData' | 'lead'>> {
  return {
    lead: header,
    // The stream of data has the keys of the direct stream, and other nonces. spec P2
    nonce: concatBytes(
      [0, 0, 0, Number((header[AUDIENCE_OFFSET] ?? 0) > 1)],
      header.subarray(SEQUENCE_OFFSET, SEQUENCE_OFFSET + 8),
    ),
    additionalData: concatBytes(AAD_PREFIX, header, partiesToBytes(context)),
  }
}

const AAD_PREFIX = textToBytes(`${PAYLOAD_LABEL}\0`)
