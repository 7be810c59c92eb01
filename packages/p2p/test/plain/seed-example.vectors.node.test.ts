/** The example in clear is the quick start of the seed, which lies beside the repository. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const seed = new URL('../../../../../shared/seeds/004.txt', import.meta.url)
const example = new URL('../../../../examples/04-plain-seed/', import.meta.url)

/** Lines without what a formatter changes. */
const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/[;,]$/, ''))
    .filter((line) => line !== '')

test.skipIf(!existsSync(seed))(
  '[S38, S80] each line of the quick start is in the example, in order',
  () => {
    const text = readFileSync(seed, 'utf8')
    const blocks = [...text.matchAll(/^```javascript\n(.*?)^```$/gms)].map(([, code = '']) => code)
    for (const name of ['Receiver', 'Sender']) {
      const own = linesOf(readFileSync(new URL(`${name.toLowerCase()}.mjs`, example), 'utf8'))
      const first = blocks.findIndex((code) => code.includes(`new ${name}({ driver })`))
      expect(first).toBeGreaterThan(0)
      const theirs = linesOf(
        ['const driver = new MyDriver();', ...blocks.slice(first, first + 2)].join('\n'),
      )
      expect(theirs.length).toBeGreaterThan(6)
      let at = 0
      for (const line of theirs) {
        at = own.indexOf(line, at)
        expect(at, line).not.toBe(-1)
      }
    }
  },
)
