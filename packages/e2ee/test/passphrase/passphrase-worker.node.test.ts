import { passphraseToBytes, stretchPassphrase } from '@conclave/e2ee/passphrase'
import { expect, test } from 'vitest'
import { failureOf } from '../fixtures.ts'

const PASSPHRASE = 'pioneer velvet orbit magnet lunar satisfy'
const kdf = { type: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 } as const
const salt = new Uint8Array(16).fill(7)

test('[K49] in Node the calling thread stretches', async () => {
  const keys = [undefined, 'none' as const].map((createWorker) =>
    stretchPassphrase(passphraseToBytes(PASSPHRASE), {
      ...{ salt, kdf },
      ...(createWorker && { createWorker }),
    }),
  )
  const [one, other] = await Promise.all(keys)
  expect(one).toEqual(other)
})

test('[K49] a worker that the caller names holds everywhere: without it nothing is stretched', async () => {
  const cause = new Error('no threads left')
  const createWorker = (): never => {
    throw cause
  }
  const bytes = passphraseToBytes(PASSPHRASE)
  const error = await failureOf(stretchPassphrase(bytes, { salt, kdf, createWorker }))
  expect(error).toMatchObject({ code: 'ERR_E2EE_WORKER', details: { reason: 'start' }, cause })
  expect(bytes.every((byte) => byte === 0)).toBe(true)
})
