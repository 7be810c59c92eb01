/**
 * All tests of vectors as one program: prints how many passed, and ends with 1 if any did not.
 *
 * @module
 */
import { run } from './harness.ts'

import.meta.glob('../../packages/*/test/**/*.vectors.test.ts', { eager: true })

const { passed, failed } = await run()
for (const failure of failed) console.log(`failed: ${failure}`)
console.log(`${passed} passed, ${failed.length} failed`)
if (failed.length > 0 || passed === 0) throw new Error('vectors failed')
