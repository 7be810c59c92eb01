import {
  deriveOwnerFingerprint,
  generateOwnerKeys,
  importOwnerKeys,
  restoreOwnerKeys,
} from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { rootOf } from '../fixtures.ts'
import { createOwned } from './fixtures.ts'

test('[U1] another device that imports the exported seed is the owner too', async () => {
  const first = await generateOwnerKeys({ exportable: true })
  const seed = first.unsafeExport()
  if (seed === undefined) throw new Error('expected a seed')
  const second = await importOwnerKeys(seed)
  expect(second.publicKey).toEqual(first.publicKey)
  const [one, two] = [await createOwned(first), await createOwned(second)]
  const member = await one.member(await one.sign({ rule: 'ask' }))
  const statement = await two.sign({ number: 2, rule: 'locked' })
  expect(await member.apply(statement)).toMatchObject({ type: 'policy', judgement: 'newer' })
})

test('[U1] keys that are not exportable give no seed, in memory or storage', async () => {
  for (const keys of [await generateOwnerKeys(), await importOwnerKeys(rootOf(3))]) {
    expect(keys.unsafeExport()).toBeUndefined()
    const stored = keys.toStored()
    expect(Object.keys(stored).sort()).toEqual(['privateKey', 'publicKey'])
    expect(stored.privateKey.extractable).toBe(false)
  }
})

test('[U1] seeds are copied in and out', async () => {
  const seed = rootOf(3)
  const keys = await importOwnerKeys(seed, { exportable: true })
  seed.fill(0)
  keys.unsafeExport()?.fill(0)
  expect(keys.unsafeExport()).toEqual(rootOf(3))
})

test('[U3] stored keys come back as they were', async () => {
  for (const exportable of [false, true]) {
    const keys = await importOwnerKeys(rootOf(3), { exportable })
    const restored = await restoreOwnerKeys(structuredClone(keys.toStored()))
    expect(restored?.publicKey).toEqual(keys.publicKey)
    expect(restored?.unsafeExport()).toEqual(keys.unsafeExport())
  }
})

test('[U3] something else, and parts that do not belong together, are no keys', async () => {
  const good = (await importOwnerKeys(rootOf(3), { exportable: true })).toStored()
  const wrong = [
    ...[undefined, null, 7, 'x', {}, { ...good, publicKey: rootOf(3) }],
    ...[
      { ...good, seed: rootOf(4) },
      { ...good, seed: 'x' },
      { ...good, seed: rootOf(3).slice(1) },
    ],
    Object.defineProperty({ ...good }, 'seed', {
      get() {
        throw new Error('a trap')
      },
    }),
  ]
  for (const stored of wrong) expect(await restoreOwnerKeys(stored)).toBeUndefined()
})

test('[U2] two owners have two fingerprints, and a key of another length has none', async () => {
  const [one, two] = await Promise.all([generateOwnerKeys(), generateOwnerKeys()])
  const fingerprint = await deriveOwnerFingerprint(one.publicKey)
  expect(fingerprint).toHaveLength(16)
  expect(await deriveOwnerFingerprint(two.publicKey)).not.toEqual(fingerprint)
  await expect(deriveOwnerFingerprint(rootOf(1).slice(1))).rejects.toThrow('"ownerKey" expected')
  await expect(importOwnerKeys(rootOf(1).slice(1))).rejects.toThrow('"seed" expected')
})
