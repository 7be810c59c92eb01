/** The samples of examples/03-seeds are those of the seeds, which lie beside the repository. */
import { existsSync, readFileSync } from 'node:fs'
import { ExternalE2EEKeyProvider } from '@conclave/client/compat'
import { describe, expect, test } from 'vitest'

const seeds = new URL('../../../../../shared/seeds/', import.meta.url)
const examples = new URL('../../../../examples/03-seeds/', import.meta.url)

const samples = [
  {
    seed: '002.txt',
    example: 'external-key-provider.mjs',
    names: { VideoSDK: 'Conclave', '<Secret_Key>': 'lantern harbour seven quiet orchard pebble' },
    /** The first and the last line of each piece of code. */
    pieces: [
      ['const keyProvider = new', '});'],
      ['participant.on("e2ee-state-change"', '});'],
      ['console.log("isE2EEEnabled', 'console.log("isE2EEEnabled'],
    ],
  },
  {
    seed: '003.txt',
    example: 'e2ee-manager.mjs',
    names: { DyteE2EEManager: 'ConclaveE2EEManager', DyteClient: 'ConclaveClient' },
    pieces: [['const sharedKeyProvider', 'manager: e2eeManager']],
  },
] as const

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line !== '')

describe.skipIf(!existsSync(seeds))('the samples', () => {
  test.each(samples)(
    '[R133] $example has the code of $seed',
    ({ seed, example, names, pieces }) => {
      let text = readFileSync(new URL(seed, seeds), 'utf8')
      for (const [theirs, ours] of Object.entries(names)) text = text.replaceAll(theirs, ours)
      const lines = linesOf(text)
      const code = pieces.flatMap(([first, last]) => {
        const from = lines.findIndex((line) => line.startsWith(first))
        const to = lines.findIndex((line, at) => at >= from && line.startsWith(last))
        expect([from, to]).not.toContain(-1)
        return lines.slice(from, to + 1)
      })
      expect(code.length).toBeGreaterThan(6)
      const ours = linesOf(readFileSync(new URL(example, examples), 'utf8'))
      let at = 0
      for (const line of code) {
        at = ours.indexOf(line, at)
        expect(at, line).not.toBe(-1)
      }
    },
  )

  test('[R133, K39] the placeholder of the secret is refused as weak', () => {
    expect(readFileSync(new URL('002.txt', seeds), 'utf8')).toContain('"<Secret_Key>"')
    expect(() => new ExternalE2EEKeyProvider().setSharedKey('<Secret_Key>')).toThrow(
      expect.objectContaining({ code: 'ERR_E2EE_WEAK_PASSPHRASE' }),
    )
  })
})
