import { isBytes } from './bytes.ts'

/** A copy of outside bytes of a bearable length; `undefined`, not throws, for anything else. */
export function readBytes(
  given: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): Uint8Array<ArrayBuffer> | undefined {
  try {
    if (!isBytes(given) || given.length < min || given.length > max) return undefined
    const bytes = new Uint8Array(given)
    return bytes.length >= min && bytes.length <= max ? bytes : undefined
  } catch {
    // Memory that was transferred meanwhile, a getter or a proxy that throws.
    return undefined
  }
}
