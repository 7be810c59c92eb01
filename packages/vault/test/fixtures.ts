/** Fixtures of several test files: vaults with known secrets, and the failures of calls. */
import {
  createMemoryStorage,
  createVault,
  generateRecoveryKey,
  isVaultError,
  openVault,
} from '@conclave/vault'
import type {
  AnyVaultError,
  PassphraseKdf,
  RecoveryKey,
  SlotId,
  SlotType,
  Vault,
  VaultStorage,
} from '@conclave/vault'

export const hexToBytes = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

export const bytesToHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

export const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && new TextDecoder().decode(bytes)

export const PASSPHRASE = 'pioneer velvet orbit magnet lunar satisfy'

/** The least that a passphrase may cost, so that tests do not wait. */
export const QUICK: PassphraseKdf = {
  type: 'argon2id',
  memoryKiB: 19_456,
  iterations: 2,
  parallelism: 1,
}

export interface NewVault {
  readonly storage: VaultStorage
  readonly recovery: RecoveryKey
  readonly vault: Vault
}

export async function newVault(storage: VaultStorage = createMemoryStorage()): Promise<NewVault> {
  const recovery = generateRecoveryKey()
  return { storage, recovery, vault: await createVault({ storage, recovery, pin: 'none' }) }
}

/** The same vault, opened once more with its recovery key, as on another device. */
export const reopen = ({ storage, recovery }: Omit<NewVault, 'vault'>): Promise<Vault> =>
  openVault({ storage, with: { type: 'recovery-key', key: recovery }, pin: 'none' })

/** The stored bytes. */
export async function storedBytes(storage: VaultStorage): Promise<Uint8Array<ArrayBuffer>> {
  const stored = await storage.read()
  if (stored === undefined) throw new Error('nothing is stored')
  return new Uint8Array(stored.bytes)
}

/** A new storage that holds these bytes. */
export async function storageOf(bytes: Uint8Array): Promise<VaultStorage> {
  const storage = createMemoryStorage()
  await storage.write(bytes, undefined)
  return storage
}

/** Puts these bytes in place of what is stored, as one who controls the storage can. */
export async function overwrite(storage: VaultStorage, bytes: Uint8Array): Promise<void> {
  await storage.write(bytes, (await storage.read())?.version)
}

export function slotOf(vault: Vault, type: SlotType): SlotId {
  const slot = vault.slots().find((each) => each.type === type)
  if (slot === undefined) throw new Error(`no slot of type ${type}`)
  return slot.id
}

/** The error that an action ends with; fails when there is none. */
export async function failureOf(
  action: Promise<unknown> | (() => unknown),
): Promise<AnyVaultError> {
  try {
    await (typeof action === 'function' ? action() : action)
  } catch (error) {
    if (isVaultError(error)) return error
    throw error
  }
  throw new Error('expected an error')
}

/** The code of the error that an action ends with. */
export const codeOf = async (action: Promise<unknown> | (() => unknown)): Promise<string> =>
  (await failureOf(action)).code
