/** A real payload protector for tests: AES-256-GCM over the canonical context. */
import type { PayloadProtector, SignalContext } from '@conclave/p2p'

export async function createPayloadProtector(secret: number): Promise<PayloadProtector> {
  const raw = new Uint8Array(32).fill(secret)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const parameters = (context: SignalContext, iv: Uint8Array<ArrayBuffer>): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    additionalData: new TextEncoder().encode(
      JSON.stringify([
        context.type,
        context.direction,
        context.sender,
        context.receiver,
        context.room,
        context.sequence,
      ]),
    ),
  })
  return {
    seal: async (context, body) => {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const plain = new Uint8Array(body)
      const sealed = await crypto.subtle.encrypt(parameters(context, iv), key, plain)
      return new Uint8Array([...iv, ...new Uint8Array(sealed)])
    },
    open: async (context, bytes) => {
      const iv = new Uint8Array(bytes.subarray(0, 12))
      const sealed = new Uint8Array(bytes.subarray(12))
      try {
        return new Uint8Array(await crypto.subtle.decrypt(parameters(context, iv), key, sealed))
      } catch {
        return undefined
      }
    },
  }
}
