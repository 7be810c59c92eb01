/** Keeps entries in memory and in IndexedDB, and makes a slot for a passphrase with each function. */
import {
  ARGON2ID,
  createIndexedDbStorage,
  createMemoryStorage,
  createVault,
  generateRecoveryKey,
  openVault,
  PBKDF2,
} from '@conclave/vault'
import type { PassphraseKdf, VaultPin, PinOption, VaultStorage } from '@conclave/vault'
import { report } from './outcomes.ts'

/** Without `pin` in IndexedDB too. */
const use = async (storage: VaultStorage, pin?: Exclude<PinOption, VaultPin>): Promise<void> => {
  const recovery = generateRecoveryKey()
  const pinned = { storage, ...(pin && { pin }) }
  const vault = await createVault({ ...pinned, recovery })
  await vault.set('entry', new Uint8Array(3))
  await vault.close()
  await (await openVault({ ...pinned, with: { type: 'recovery-key', key: recovery } })).close()
}

const addPassphrase = async (kdf?: PassphraseKdf): Promise<void> => {
  const options = { storage: createMemoryStorage(), recovery: generateRecoveryKey() }
  const vault = await createVault({ ...options, pin: 'none' })
  const passphrase = 'pioneer velvet orbit magnet lunar satisfy'
  await vault.addSlot({ type: 'passphrase', passphrase, ...(kdf && { kdf }) })
}

void report({
  'in memory': () => use(createMemoryStorage(), 'none'),
  'in IndexedDB': () =>
    use(createIndexedDbStorage({ database: `policies ${performance.timeOrigin}` })),
  'a passphrase': () => addPassphrase(),
  Argon2id: () => addPassphrase(ARGON2ID),
  PBKDF2: () => addPassphrase(PBKDF2),
})
