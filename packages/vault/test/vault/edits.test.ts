import { MAX_ENTRY_BYTES } from '@conclave/vault'
import { expect, test } from 'vitest'
import { failureOf, newVault, reopen, textOf, utf8 } from '../fixtures.ts'

/** Adds a word to a list of words. */
const adding =
  (word: string) =>
  (value: Uint8Array | undefined): Uint8Array =>
    utf8([textOf(value), word].filter((part) => part !== undefined).join(' '))

test('[V28] two pages that add to one entry at once lose nothing', async () => {
  const { vault, ...place } = await newVault()
  const other = await reopen(place)
  const words = Array.from({ length: 12 }, (_, index) => `key${index}`)
  await Promise.all(
    words.map((word, index) => (index % 2 === 0 ? vault : other).update('rooms', adding(word))),
  )
  const found = textOf((await reopen(place)).get('rooms'))?.split(' ')
  expect(found?.toSorted()).toEqual(words.toSorted())
})

test('[V28] an edit is made again from the value that another page stored', async () => {
  const { vault, ...place } = await newVault()
  const other = await reopen(place)
  await other.set('a', utf8('theirs'))
  const seen: (string | undefined)[] = []
  await vault.update('a', (value) => {
    seen.push(textOf(value))
    return adding('ours')(value)
  })
  expect(seen).toEqual([undefined, 'theirs'])
  expect(textOf(vault.get('a'))).toBe('theirs ours')
})

test('[V28] an edit that gives nothing deletes, and may change its copy in place, which is overwritten', async () => {
  const { vault } = await newVault()
  await vault.set('a', utf8('abc'))
  let copy: Uint8Array | undefined
  await vault.update('a', (value) => {
    copy = value
    return value?.reverse()
  })
  expect(textOf(vault.get('a'))).toBe('cba')
  expect([...(copy ?? [1])]).toEqual([0, 0, 0])
  await vault.update('a', () => undefined)
  expect(vault.list()).toEqual([])
})

test('[V28] an edit that throws, or gives anything else, stores nothing', async () => {
  const { vault, ...place } = await newVault()
  await vault.set('a', utf8('abc'))
  const { version } = vault
  const oops = new Error('oops')
  const throwing = vault.update('a', () => {
    throw oops
  })
  await expect(throwing).rejects.toBe(oops)
  for (const value of ['text', null, Promise.resolve(utf8('later'))]) {
    await expect(vault.update('a', () => value as never)).rejects.toThrow(/^"edit" expected/)
  }
  const tooLong = vault.update('a', () => new Uint8Array(MAX_ENTRY_BYTES + 1))
  expect((await failureOf(tooLong)).code).toBe('ERR_VAULT_TOO_LARGE')
  await expect(vault.update('a', 'b' as never)).rejects.toThrow('"edit" expected function')
  await expect(vault.update('', () => undefined)).rejects.toThrow('"name"')
  expect(vault.version).toBe(version)
  expect(textOf((await reopen(place)).get('a'))).toBe('abc')
  await vault.update('a', adding('d'))
  expect(textOf(vault.get('a'))).toBe('abc d')
})
