import { decodeBase64Url } from '@conclave/base'

/** The bytes of a secret as Standard Webhooks writes it: `whsec_` and the base64 of 24 to 64 bytes; `undefined` for other values. spec G50 */
export function parseWebhookSecret(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const [, text] = (typeof value === 'string' ? SECRET.exec(value) : null) ?? []
  if (text === undefined) return undefined
  const bytes = decodeBase64Url(text.replaceAll('+', '-').replaceAll('/', '_'))
  const length = bytes?.length ?? 0
  return length >= MIN_SECRET_BYTES && length <= MAX_SECRET_BYTES ? bytes : undefined
}

const SECRET = /^whsec_([A-Za-z\d+/]+)={0,2}$/
const MIN_SECRET_BYTES = 24
const MAX_SECRET_BYTES = 64
