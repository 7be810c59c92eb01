import { createMemoryStorage, createVault, generateRecoveryKey, openVault } from '@conclave/vault'
import { expect, test } from 'vitest'
import { codeOf, overwrite, storedBytes, utf8 } from '../fixtures.ts'

test('[V30] a page keeps the pin of each vault in IndexedDB, and nobody has to ask for it', async () => {
  const recovery = generateRecoveryKey()
  const credential = { type: 'recovery-key', key: recovery } as const
  const [storage, other] = [createMemoryStorage(), createMemoryStorage()]
  const vault = await createVault({ storage, recovery })
  await vault.set('a', utf8('1'))
  const old = await storedBytes(storage)
  await vault.delete('a')
  // A second vault of the page has its own pin.
  await createVault({ storage: other, recovery })
  await openVault({ storage: other, with: credential })
  const again = await openVault({ storage, with: credential })
  expect(again.pin).toEqual(vault.pin)
  await overwrite(storage, old)
  expect(await codeOf(openVault({ storage, with: credential }))).toBe('ERR_VAULT_ROLLED_BACK')
  expect((await openVault({ storage, with: credential, pin: 'none' })).list()).toEqual(['a'])
})
