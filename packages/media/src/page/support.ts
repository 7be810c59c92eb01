/**
 * Whether a browser can do what frame encryption needs: to be asked before the camera is.
 *
 * @module
 */
import { findTransformApi } from './attach-transform.ts'

/** The names of interfaces that are missing; empty where frame encryption works. */
export function checkMediaSupport(): readonly string[] {
  const missing: string[] = []
  if (typeof RTCPeerConnection !== 'function') missing.push('RTCPeerConnection')
  if (!findTransformApi('auto')) missing.push('RTCRtpScriptTransform')
  if (typeof Worker !== 'function') missing.push('Worker')
  // Missing outside of secure contexts (https or localhost).
  if (typeof crypto !== 'object' || !('subtle' in crypto)) missing.push('SubtleCrypto')
  return missing
}
