import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions } from 'vite'
import type { Rolldown } from 'vite'
import { expect, test } from 'vitest'

test('[M20] a bundler keeps the worker in a script that does nothing but import it', async () => {
  const output = (await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL('../pages/own-worker.ts', import.meta.url)),
        formats: ['es'],
      },
    },
  })) as Rolldown.RolldownOutput[]
  const code = output.flatMap((bundle) => bundle.output).map((file) => 'code' in file && file.code)
  expect(code).toEqual([expect.stringContaining('rtctransform')])
})
