import { findTransformApi } from './attach-transform.ts'

/** A feature that frame encryption needs of a browser; `secure-context` means https or localhost. */
export type MediaFeature = 'secure-context' | 'webrtc' | 'encoded-transform' | 'worker'

/** The features that this browser lacks; none where frame encryption works. Ask before you ask for the camera. */
export function checkMediaSupport(): readonly MediaFeature[] {
  const missing: MediaFeature[] = []
  // Only secure contexts have WebCrypto.
  if (!globalThis.isSecureContext) missing.push('secure-context')
  if (typeof RTCPeerConnection !== 'function') missing.push('webrtc')
  else if (!findTransformApi('auto')) missing.push('encoded-transform')
  if (typeof Worker !== 'function') missing.push('worker')
  return missing
}
