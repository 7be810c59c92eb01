import { checkMethods, compareAndSwap, encodeBase64Url } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { copyPin, decodePin, encodePin } from '../format/vault-pin.ts'
import type { VaultPin } from '../format/vault-pin.ts'
import { ID_BYTES } from '../limits.ts'
import { createIndexedDbStorage, hasIndexedDb } from '../storage/indexeddb-storage.ts'
import { readStorage, writeStorage } from '../storage/storage.ts'
import type { VaultStorage } from '../storage/storage.ts'

/**
 * The place of a device's pin. Left out: IndexedDB, one pin for each vault; where there is none, you must give one of the others.
 * A storage: for the pin of one vault only, on the device; it also refuses another vault. A {@link VaultPin}: the caller
 * keeps `vault.pin` itself after every change. `none`: an earlier state of the vault opens like the current one. spec V30
 */
export type PinOption = VaultPin | VaultStorage | 'none'

/** The pin of this device, and where it is kept. */
export interface DevicePin {
  /** The state that the storage of the vault must lead on from. */
  read(): Promise<VaultPin | undefined>
  /** Keeps a later pin; one that is not later changes nothing. */
  raise(pin: VaultPin): Promise<void>
  /** Keeps the pin of a new vault in place of any other. */
  replace(pin: VaultPin): Promise<void>
  /** The name of a device without one; `undefined` for one that keeps no pin. spec V20 */
  nameDevice(): string | undefined
}

/**
 * Checks the option, and reads it once.
 *
 * @throws TypeError for anything else, for the storage of the vault itself, and when it is left out where there is no IndexedDB
 */
export function chooseDevicePin(
  option: PinOption | undefined,
  storage: VaultStorage,
): (vaultId: Uint8Array) => DevicePin {
  if (option === 'none') return () => ({ ...keepNothing, nameDevice: () => undefined })
  if (option === undefined) {
    if (!hasIndexedDb()) {
      throw new TypeError('"pin" expected a storage for it, a pin, or none: there is no IndexedDB')
    }
    return (vaultId) =>
      keepIn(createIndexedDbStorage({ database: PIN_DATABASE, key: encodeBase64Url(vaultId) }))
  }
  if (typeof (option as Partial<VaultStorage> | null)?.read === 'function') {
    checkMethods('pin', option, 'read', 'write')
    if (option === storage) throw new TypeError('"pin" expected another storage than the vault\'s')
    return () => keepIn(option as VaultStorage)
  }
  const pin = copyPin(option as VaultPin)
  return () => ({ ...keepNothing, read: async () => pin })
}

const nameDevice = (): string => encodeBase64Url(randomBytes(ID_BYTES))

const keepNothing: DevicePin = {
  read: async () => undefined,
  raise: async () => {},
  replace: async () => {},
  nameDevice,
}

function keepIn(storage: VaultStorage): DevicePin {
  const load = async () => {
    const stored = await readStorage(storage)
    const pin = stored && decodePin(stored.bytes)
    if (stored !== undefined && pin === undefined) {
      const cause = new TypeError('the storage of the pin holds something else')
      throw new VaultError('ERR_VAULT_STORAGE_FAILED', undefined, { cause })
    }
    return { pin, version: stored?.version }
  }
  const store = async (next: (kept: VaultPin | undefined) => VaultPin): Promise<void> => {
    let kept = await load()
    await compareAndSwap({
      attempt: async () => {
        const pin = next(kept.pin)
        if (pin === kept.pin) return true
        const version = await writeStorage(storage, encodePin(pin), kept.version)
        return version === undefined ? undefined : true
      },
      reload: async () => {
        kept = await load()
      },
      conflict: () => new VaultError('ERR_VAULT_CONFLICT', undefined),
    })
  }
  return {
    read: async () => (await load()).pin,
    raise: (pin) => store((kept) => laterPin(kept, pin)),
    replace: (pin) => store(() => pin),
    nameDevice,
  }
}

/**
 * The later of two pins of one device, which several pages may have open.
 *
 * @throws VaultError `ERR_VAULT_ROLLED_BACK` for another vault, and for two states of one version
 */
function laterPin(kept: VaultPin | undefined, next: VaultPin): VaultPin {
  if (kept === undefined) return next
  const { version } = next
  const isSameState = kept.digest === next.digest
  if (kept.vault !== next.vault || (kept.version === version && !isSameState)) {
    const details = { reason: 'other-history', version, expectedVersion: kept.version } as const
    throw new VaultError('ERR_VAULT_ROLLED_BACK', details)
  }
  const [earlier, later] = kept.version >= version ? [next, kept] : [kept, next]
  const { generation, signer } = earlier.generation > later.generation ? earlier : later
  const isOwn = earlier.device === later.device
  const isLastWrite = isOwn && (earlier.wrote?.version ?? 0) > (later.wrote?.version ?? 0)
  const isForked = earlier.forked === true || later.forked === true
  const pin = {
    ...{ ...later, generation, signer },
    ...(isLastWrite && earlier.wrote && { wrote: earlier.wrote }),
    ...(isForked && { forked: true as const }),
  }
  return JSON.stringify(pin) === JSON.stringify(kept) ? kept : pin
}

const PIN_DATABASE = 'conclave-vault-pins'
