/**
 * All tests of vectors as one program: prints how many passed, and ends with 1 if any did not.
 *
 * @module
 */
import { importHkdfKey } from '@conclave/crypto'
import { expect, run, test } from './harness.ts'

import.meta.glob('../../packages/*/test/**/*.vectors.test.ts', { eager: true })

test('[K48] only Node has keys of `node:crypto`', async () => {
  const key = await importHkdfKey(new Uint8Array(32).fill(1))
  const isNode = !('Deno' in globalThis || 'Bun' in globalThis)
  expect(Reflect.get(key, Symbol.toStringTag)).toBe(isNode ? 'KeyObject' : 'CryptoKey')
})

const { passed, failed } = await run()
for (const failure of failed) console.log(`failed: ${failure}`)
console.log(`${passed} passed, ${failed.length} failed`)
if (failed.length > 0 || passed === 0) throw new Error('vectors failed')
