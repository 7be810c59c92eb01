import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../src/styles')
const files = readdirSync(folder)
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')

test('a class has its look from one file: two that mean different things have different names', () => {
  const filesByClass = new Map<string, Set<string>>()
  for (const file of files) {
    // Rules in the first column; those within media queries only change them.
    for (const [, selectors = ''] of read(file).matchAll(/^((?:\.[\w-]+,\n)*\.[\w-]+) \{/gm)) {
      for (const name of selectors.split(',\n')) {
        filesByClass.set(name, (filesByClass.get(name) ?? new Set()).add(file))
      }
    }
  }
  expect(filesByClass.size).toBeGreaterThan(80)
  expect([...filesByClass].filter(([, files]) => files.size > 1)).toEqual([])
})

test('every style follows the direction of writing', () => {
  const physical =
    /(?:margin|padding|border)-(?:left|right)|[;{]\s*(?:left|right):|text-align: (?:left|right)/
  const shorthand = /(?:margin|padding|inset): ([^;{}]+);/g
  const value = /[\w-]+\([^()]*(?:\([^()]*\))*[^()]*\)|\S+/g
  // The edges of the screen are where they are.
  const allowed = new Set(['var(--edge-end) var(--edge-start)'])
  for (const file of files) {
    const code = read(file)
    expect(code.match(physical)?.[0], file).toBeUndefined()
    const sided = [...code.matchAll(shorthand)].filter(([, values = '']) => {
      const [, right, , left] = values.match(value) ?? []
      return left !== undefined && left !== right && !allowed.has(`${right} ${left}`)
    })
    expect(sided.map(([rule]) => rule)).toEqual([])
  }
})
