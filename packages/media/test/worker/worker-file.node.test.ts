/** The worker that applications load is one file. */
import { createContext, Script } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../../../tools/worker-files.ts'

/** Pages load it beside their own code, and carry it as text. */
const MAX_BYTES = 37_500
const MAX_GZIP_BYTES = 14_000

test.each(['worker/worker', 'testing/recording-worker'])(
  '[M40] %s is one small script, which loads nothing, and starts in a global object of workers',
  async (name) => {
    const { code } = await bundleWorker(`packages/media/src/${name}.ts`)
    const heard: string[] = []
    const self = { addEventListener: (type: string) => heard.push(type) }
    // A script, as opposed to a module, has neither imports nor exports.
    new Script(code).runInContext(
      createContext({ ...self, self, TextEncoder, TextDecoder, performance, crypto }),
    )
    expect(heard).toContain('message')
    expect(code).not.toMatch(/\b(?:import|importScripts|fetch|eval|Function)\s*\(/)
    expect(code.length).toBeLessThan(MAX_BYTES)
    expect(gzipSync(code).length).toBeLessThan(MAX_GZIP_BYTES)
  },
)
