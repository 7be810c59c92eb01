/**
 * Looks for the features that calls need, before an app asks the user for a camera.
 *
 * @module
 */
import { checkMediaSupport } from '@conclave/media'
import type { MediaFeature } from '@conclave/media'

/** Whether encrypted calls work here, and the missing features if not. */
export type Support =
  | { readonly supported: true }
  | { readonly supported: false; readonly missing: readonly Capability[] }

/** A feature that encrypted calls need. */
export type Capability = MediaFeature | 'ed25519' | 'x25519'

/** Looks for everything that a call needs. Asks for no permission and opens no connection. */
export async function checkSupport(): Promise<Support> {
  const missing: Capability[] = [...checkMediaSupport()]
  if (!(await hasCurve('Ed25519', ['sign', 'verify']))) missing.push('ed25519')
  if (!(await hasCurve('X25519', ['deriveBits']))) missing.push('x25519')
  return missing.length === 0 ? { supported: true } : { supported: false, missing }
}

const hasCurve = async (name: string, usages: KeyUsage[]): Promise<boolean> => {
  try {
    await crypto.subtle.generateKey(name, false, usages)
    return true
  } catch {
    return false
  }
}
