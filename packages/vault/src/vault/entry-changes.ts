import { checkObject, checkText, describeType, isBytes } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { MAX_ENTRY_BYTES, MAX_NAME_BYTES } from '../limits.ts'
import type { Draft } from '../format/draft.ts'
import type { EntryChanges, EntryEdit } from './vault.ts'

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

/** Checks that an edit is a function. @throws TypeError */
export function checkEdit(edit: unknown): EntryEdit {
  if (typeof edit === 'function') return edit as EntryEdit
  throw new TypeError(`"edit" expected function, got ${describeType(edit)}`)
}

/**
 * The change that an edit makes of an entry's value in a draft.
 *
 * @throws TypeError for a result that is neither bytes nor `undefined`, and whatever the edit throws
 * @throws VaultError `ERR_VAULT_TOO_LARGE`
 */
export function editEntry(
  { entries }: Pick<Draft, 'entries'>,
  { name, edit }: { readonly name: string; readonly edit: EntryEdit },
): ReadonlyMap<string, Uint8Array<ArrayBuffer> | undefined> {
  const value = entries.get(name)?.slice()
  try {
    // Copied before the value is overwritten, which the edit may have returned.
    return copyEntryChanges('edit', { [name]: edit(value) })
  } finally {
    if (value !== undefined) wipe(value)
  }
}
