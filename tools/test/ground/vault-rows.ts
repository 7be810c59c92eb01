import * as vault from '@conclave/vault'
import { createFileStorage } from '@conclave/vault/node'
import { bytesOf, PASSPHRASE } from './given.ts'
import type { Given } from './given.ts'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

const ALL = 'random subtle Ed25519 X25519'
const rp = { id: 'example.org', name: 'Example' }

/** `@conclave/vault`. Storages and passkeys have their own tests: they need more than a platform's cryptography. */
export const vaultRows = (g: Given): readonly Row[] => [
  ...rowsOf('@conclave/vault', {
    isVaultError: ['', () => vault.isVaultError(undefined)],
    createIndexedDbStorage: ['ERR_VAULT_UNSUPPORTED', () => vault.createIndexedDbStorage()],
    createMemoryStorage: ['', () => vault.createMemoryStorage()],
    createPasskeyClient: ['', () => vault.createPasskeyClient({ rp })],
    isPasskeySupported: ['', () => vault.isPasskeySupported()],
    RecoveryKey: ['', () => new vault.RecoveryKey(bytesOf(1, 16))],
    generateRecoveryKey: ['random', () => vault.generateRecoveryKey()],
    encodeRecoveryKey: ['', () => vault.encodeRecoveryKey(g.recovery)],
    parseRecoveryKey: ['', () => vault.parseRecoveryKey('x')],
    findRecoveryKeyMistake: ['', () => vault.findRecoveryKeyMistake('x')],
    inspectVault: ['', () => vault.inspectVault(g.exported)],
    createVault: [
      ALL,
      () =>
        vault.createVault({
          storage: vault.createMemoryStorage(),
          recovery: g.recovery,
          pin: 'none',
        }),
    ],
    openVault: [
      'subtle Ed25519 X25519',
      () =>
        vault.openVault({
          storage: g.storage,
          with: { type: 'recovery-key', key: g.recovery },
          pin: 'none',
        }),
    ],
    'openVault: passphrase': [
      'subtle Ed25519 X25519 WebAssembly',
      () =>
        vault.openVault({
          storage: g.storage,
          with: { type: 'passphrase', passphrase: PASSPHRASE },
          pin: 'none',
        }),
    ],
    restoreVault: [
      'subtle Ed25519 X25519',
      () =>
        vault.restoreVault({
          storage: vault.createMemoryStorage(),
          bytes: g.exported,
          with: { type: 'recovery-key', key: g.recovery },
          pin: 'none',
        }),
    ],
    'openVault: get': ['', () => g.vault.get('a')],
    'openVault: set': ['random subtle', () => g.vault.set('a', bytesOf(1))],
    'openVault: rotate': ['random subtle Ed25519 X25519', () => g.vault.rotate()],
    'openVault: refresh': ['', () => g.vault.refresh()],
    'openVault: hear': ['', () => g.vault.hear(g.vault.notice)],
  }),
  ...rowsOf('@conclave/vault/node', {
    createFileStorage: ['', () => createFileStorage({ folder: 'x' })],
  }),
]
