/**
 * What this browser can do, asked before anything of the user is asked for.
 *
 * @module
 */

/** Whether encrypted calls work here, and what they lack if not. */
export type Support =
  | { readonly supported: true }
  | { readonly supported: false; readonly missing: readonly Capability[] }

/** Something that encrypted calls need. */
export type Capability = 'secure-context' | 'webrtc' | 'encoded-transform' | 'worker' | 'ed25519'

/** Looks for everything that a call needs. Asks for no permission and opens no connection. */
export async function checkSupport(): Promise<Support> {
  const missing: Capability[] = []
  if (!globalThis.isSecureContext) missing.push('secure-context')
  if (!('RTCPeerConnection' in globalThis)) missing.push('webrtc')
  else if (!hasEncodedTransform()) missing.push('encoded-transform')
  if (!('Worker' in globalThis)) missing.push('worker')
  if (!(await hasEd25519())) missing.push('ed25519')
  return missing.length === 0 ? { supported: true } : { supported: false, missing }
}

const hasEncodedTransform = (): boolean =>
  'RTCRtpScriptTransform' in globalThis || 'createEncodedStreams' in RTCRtpSender.prototype

const hasEd25519 = async (): Promise<boolean> => {
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
    return true
  } catch {
    return false
  }
}
