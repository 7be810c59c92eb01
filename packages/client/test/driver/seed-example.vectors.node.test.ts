/** The sealed example is the quick start of the seed, which lies beside the repository. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const seed = new URL('../../../../../shared/seeds/004.txt', import.meta.url)
const example = new URL('../../../../examples/05-sealed-seed/', import.meta.url)
const plain = (text: string): string => text.replaceAll(/[;,\s]/g, '')

test.skipIf(!existsSync(seed))(
  '[S38] each line of the quick start but that of the driver is in the example',
  () => {
    const blocks = readFileSync(seed, 'utf8').split('```')
    for (const [name, leastLines] of Object.entries({ receiver: 14, sender: 6 })) {
      const own = plain(readFileSync(new URL(`${name}.mjs`, example), 'utf8'))
      const code = blocks.filter(
        (block) =>
          block.includes(`new ${name === 'sender' ? 'Sender' : 'Receiver'}({ driver })`) ||
          block.includes(`\n${name}.start(`),
      )
      expect(code).toHaveLength(2)
      const lines = code.flatMap((block) => block.split('\n').slice(1)).filter(plain)
      expect(lines.length).toBeGreaterThanOrEqual(leastLines)
      for (const line of lines) expect(own, line).toContain(plain(line))
    }
  },
)
