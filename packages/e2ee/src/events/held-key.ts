import { copyBytes, isBytes } from '@conclave/base'
import { expand, HASH_BYTES, importExpandKey } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import type { KeyName } from '../keys/event-keys.ts'
import { encodeExportInfo } from '../keys/export-info.ts'
import { checkSecret } from '../keys/secret-bytes.ts'
import { exportFromKey, keyStateOf } from './aes-gcm-key.ts'

/** A bare key, or the root that keys are derived from. */
export type HeldKey = KeyName & {
  readonly contextId: string | undefined
  readonly isHistory: boolean
  /** Left out: the application chose the key itself. */
  readonly mayRotate: boolean | undefined
} & (
    | { readonly key: CryptoKey; readonly root?: undefined }
    | { readonly key?: undefined; readonly root: Promise<SecretKey> }
  )

/**
 * Takes a key of an application for a ring: a bare key as it is, secret bytes as a root.
 *
 * @throws TypeError for anything else
 */
export function materialOf(
  key: CryptoKey | Uint8Array,
): { readonly key: CryptoKey } | { readonly root: Promise<SecretKey> } {
  if (!isBytes(key)) {
    keyStateOf('key', key)
    return { key }
  }
  const root = importExpandKey(checkSecret('key', copyBytes('key', key, HASH_BYTES)))
  // A failure reaches the caller that derives; no one listens before.
  root.catch(() => {})
  return { root }
}

/** As `export` of a key source whose root is the key. spec P45 */
export async function exportFrom(
  { key, root, epoch }: HeldKey,
  [label, context, length]: readonly [label: string, context: Uint8Array, length: number],
): Promise<Uint8Array<ArrayBuffer>> {
  if (key !== undefined) return exportFromKey('keys', key, [label, context, length])
  const info = encodeExportInfo({ label, context, length, epoch })
  return expand(await root, { info, length })
}

/** Whether a key may seal and open in a context. spec P38 */
export const isFor = (held: HeldKey, contextId: string): boolean =>
  held.contextId === undefined || held.contextId === contextId
