import { checkObject, checkText, describeType, isBytes } from '@conclave/base'
import { VaultError } from '../errors.ts'
import { MAX_ENTRY_BYTES, MAX_NAME_BYTES } from '../limits.ts'
import type { EntryChanges } from './vault.ts'

/** Checks the name of an entry. @throws TypeError, RangeError that name the argument. spec V4 */
export function checkEntryName(argument: string, name: string): string {
  checkText(argument, name, { min: 1, max: MAX_NAME_BYTES })
  return name
}

/**
 * Checks changes and copies their values, as the caller may overwrite its arrays when the call has returned.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws VaultError `ERR_VAULT_TOO_LARGE`
 */
export function copyEntryChanges(
  argument: string,
  changes: EntryChanges,
): ReadonlyMap<string, Uint8Array<ArrayBuffer> | undefined> {
  checkObject(argument, changes)
  const named = Object.entries(changes)
  for (const [name, value] of named) {
    checkEntryName(argument, name)
    if (value !== undefined && !isBytes(value)) {
      throw new TypeError(`"${argument}" expected Uint8Array values, got ${describeType(value)}`)
    }
  }
  if (named.some(([, value]) => value !== undefined && value.length > MAX_ENTRY_BYTES)) {
    throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'entry', max: MAX_ENTRY_BYTES })
  }
  return new Map(named.map(([name, value]) => [name, value && new Uint8Array(value)]))
}
