import { idToBytes } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { concatBytes, textToBytes } from '../bytes.ts'
import { encodeEnvelopeHeader, ENVELOPE_HEADER_BYTES, SEQUENCE_OFFSET } from './message-envelope.ts'
import type { EnvelopeHeader } from './message-envelope.ts'
import { webCrypto } from '../web-crypto.ts'

/** Whose message it is and where it belongs: authenticated, and known to both ends without being sent. spec P6 */
export interface MessageContext {
  /** The 16 bytes of the room's id. */
  readonly room: Uint8Array
  readonly sender: ParticipantId
  /** Left out: the room. */
  readonly recipient: ParticipantId | undefined
}

/** The label of payload keys at the key source, and the first part of the authenticated data. spec P1, P6 */
export const PAYLOAD_LABEL = 'conclave/1 payload'

/**
 * One message under one key: header, ciphertext, tag. You must never pass the same sequence twice with the same
 * key. spec P2, P6
 */
export async function sealMessage(
  key: CryptoKey,
  header: EnvelopeHeader,
  { context, body }: { readonly context: MessageContext; readonly body: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array<ArrayBuffer>> {
  const clear = encodeEnvelopeHeader(header)
  const ciphertext = await webCrypto().encrypt(gcmParams(clear, context), key, body)
  return concatBytes(clear, new Uint8Array(ciphertext))
}

/**
 * The body of a message whose header was decoded. Returns `undefined`, not throws, when it does not
 * authenticate; there is no other reason. spec P8
 */
export async function openMessage(
  key: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
  { context }: { readonly context: MessageContext },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const params = gcmParams(bytes.subarray(0, ENVELOPE_HEADER_BYTES), context)
  try {
    const ciphertext = bytes.subarray(ENVELOPE_HEADER_BYTES)
    return new Uint8Array(await webCrypto().decrypt(params, key, ciphertext))
  } catch {
    return undefined
  }
}

/** The 16 bytes that stand for a recipient in keys and in authenticated data. spec P1 */
export function recipientToBytes(recipient: ParticipantId | undefined): Uint8Array<ArrayBuffer> {
  return recipient === undefined ? new Uint8Array(16) : idToBytes(recipient)
}

function gcmParams(header: Uint8Array, { room, sender, recipient }: MessageContext): AesGcmParams {
  const parties = [room, idToBytes(sender), recipientToBytes(recipient)]
  return {
    name: 'AES-GCM',
    iv: concatBytes(NONCE_PREFIX, header.subarray(SEQUENCE_OFFSET, ENVELOPE_HEADER_BYTES)),
    additionalData: concatBytes(AAD_PREFIX, header, ...parties),
  }
}

const NONCE_PREFIX = new Uint8Array(4)
const AAD_PREFIX = textToBytes(`${PAYLOAD_LABEL}\0`)
