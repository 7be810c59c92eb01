import { concatBytes, encodeBase64Url, textToBytes } from '@conclave/base'
import { hmacBytes } from '@conclave/crypto/verify'

/** The headers of Standard Webhooks for a body. spec G50 */
export async function signWebhook({
  key,
  id,
  timestampS,
  body,
}: {
  readonly key: Uint8Array
  readonly id: string
  readonly timestampS: number
  readonly body: Uint8Array
}): Promise<Readonly<Record<string, string>>> {
  const mac = await hmacBytes(key, concatBytes(textToBytes(`${id}.${timestampS}.`), body))
  const base64 = `${encodeBase64Url(mac).replaceAll('-', '+').replaceAll('_', '/')}=`
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': `v1,${base64}`,
  }
}
