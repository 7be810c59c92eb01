import { VirtualClock } from '@conclave/base/testing'
import {
  createPassphraseKeySource,
  ExternalE2EEKeyProvider,
  passphraseToBytes,
  stretchPassphrase,
} from '@conclave/e2ee/passphrase'
import type { PassphraseKdf, PassphraseWorkerOptions } from '@conclave/e2ee/passphrase'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { stretchInWorker } from '../../src/passphrase/stretch-in-worker.ts'
import { bytesToHex, failureOf } from '../fixtures.ts'
import type { Oddity } from './odd-worker.ts'

const PASSPHRASE = 'pioneer velvet orbit magnet lunar satisfy'
const quick = { type: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 } as const
const salt = new Uint8Array(16).fill(7)

/** The worker of an application that serves the script itself. */
const ownWorker = (): Worker =>
  new Worker(new URL('../../src/passphrase-worker.ts', import.meta.url), { type: 'module' })
const missingWorker = (): Worker => new Worker('/no-such-worker.js', { type: 'module' })
const oddWorker = (oddity: Oddity) => (): Worker => {
  const worker = new Worker(new URL('./odd-worker.ts', import.meta.url), { type: 'module' })
  worker.postMessage(oddity)
  return worker
}

const stretch = async (
  options: PassphraseWorkerOptions = {},
  kdf: PassphraseKdf = quick,
): Promise<string> =>
  bytesToHex(await stretchPassphrase(passphraseToBytes(PASSPHRASE), { salt, kdf, ...options }))

/** The page itself can no longer stretch: whatever does is in a worker. */
const disableHere = (): unknown => vi.stubGlobal('WebAssembly', undefined)

/** Gives the page so many turns, each with its message. */
async function handleMessages(count: number): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  for (let handled = 0; handled < count; handled += 1) {
    const message = new Promise((resolve) => (port1.onmessage = resolve))
    port2.postMessage(handled)
    await message
  }
  port1.close()
}

/** Workers that the test looks at: those that were started, what they were given, and those that were ended. */
function watched(createWorker: () => Worker) {
  const [started, posted, ended] = [[] as Worker[], [] as unknown[], [] as Worker[]]
  return {
    ...{ started, posted, ended },
    createWorker: (): Worker => {
      const worker = createWorker()
      const [post, end] = [worker.postMessage.bind(worker), worker.terminate.bind(worker)]
      worker.postMessage = (message: unknown, transfer: never) => {
        posted.push(message)
        post(message, transfer)
      }
      worker.terminate = () => {
        ended.push(worker)
        end()
      }
      started.push(worker)
      return worker
    },
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('in a page', () => {
  test('[K49] the page handles messages and draws frames while a worker stretches', async () => {
    const most = { ...quick, memoryKiB: 65_536, iterations: 16 }
    const watch = watched(ownWorker)
    let isStretching = true
    const stretching = stretch(watch, most).finally(() => (isStretching = false))
    while (watch.posted.length === 0) await handleMessages(1)
    await handleMessages(200)
    for (let frame = 0; frame < 3; frame += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
    await handleMessages(200)
    expect(isStretching).toBe(true)
    expect(await stretching).toMatch(/^[0-9a-f]{64}$/)
  })

  test('[K49] a worker gives the key of the calling thread, and the page itself computes nothing', async () => {
    const here = await stretch({ createWorker: 'none' })
    disableHere()
    expect(await stretch()).toBe(here)
    expect(await stretch({ createWorker: ownWorker })).toBe(here)
    const error = await failureOf(stretch({ createWorker: 'none' }))
    expect(error).toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED' })
  })

  test('[K49] key sources and providers of passphrases stretch in a worker', async () => {
    disableHere()
    const [kdf, room] = [quick, 'room']
    const source = await createPassphraseKeySource(PASSPHRASE, { room, kdf })
    await source.rotate(`${PASSPHRASE} x`, 1n)
    const provider = new ExternalE2EEKeyProvider({ room, kdf })
    await provider.setSharedKey(`${PASSPHRASE} x`, 1n)
    const [one, other] = [source, provider].map((keys) => keys.export('x', new Uint8Array(), 32))
    expect(await one).toEqual(await other)
  })

  test('[K49] each passphrase has one worker, which ends with the stretching', async () => {
    const watch = watched(ownWorker)
    await Promise.all([stretch(watch), stretch(watch)])
    expect(watch.started).toHaveLength(2)
    expect(new Set(watch.ended)).toEqual(new Set(watch.started))
    expect(watch.posted).toHaveLength(2)
  })

  test('[K5, K49] the page has no copy of the passphrase left', async () => {
    const watch = watched(ownWorker)
    const bytes = passphraseToBytes(PASSPHRASE)
    await stretchPassphrase(bytes, { salt, kdf: quick, ...watch })
    expect(bytes.every((byte) => byte === 0)).toBe(true)
    expect(watch.posted).toMatchObject([{ type: 'stretch', passphrase: new Uint8Array(), salt }])
  })

  test('[K49] PBKDF2 needs no worker', async () => {
    const kdf = { type: 'pbkdf2-sha256', iterations: 600_000 } as const
    const watch = watched(missingWorker)
    expect(await stretch(watch, kdf)).toMatch(/^[0-9a-f]{64}$/)
    expect(watch.started).toEqual([])
  })
})

describe('a worker that fails', () => {
  const says = {
    start: /did not start: .*passphrase-worker/,
    failed: /has failed, or did not answer/,
  }
  const cannotBeMade = (): never => {
    throw new DOMException('not allowed', 'SecurityError')
  }

  test.each<readonly [string, 'start' | 'failed', () => Worker]>([
    ['cannot be made', 'start', cannotBeMade],
    ['is none', 'start', () => undefined as never],
    ['has no script', 'start', missingWorker],
    ...(['another version', 'an answer at once'] as const).map(
      (oddity) => [`begins with ${oddity}`, 'start', oddWorker(oddity)] as const,
    ),
    ...(['a crash', 'a short key', 'nonsense'] as const).map(
      (oddity) => [`answers with ${oddity}`, 'failed', oddWorker(oddity)] as const,
    ),
  ])(
    '[K49] one that %s is said, and the page does not stretch',
    async (_, reason, createWorker) => {
      const bytes = passphraseToBytes(PASSPHRASE)
      const error = await failureOf(stretchPassphrase(bytes, { salt, kdf: quick, createWorker }))
      expect(error).toMatchObject({
        name: 'E2eeError',
        code: 'ERR_E2EE_WORKER',
        details: { reason },
      })
      expect(error.message).toMatch(says[reason])
      expect(bytes.every((byte) => byte === 0)).toBe(true)
    },
  )

  test.each<readonly [Oddity, 'start' | 'failed', number]>([
    ['silence', 'start', 10_000],
    ['an end without a word', 'failed', 120_000],
  ])('[K49] %s is waited for, but not for ever', async (oddity, reason, timeoutMs) => {
    const clock = new VirtualClock()
    const watch = watched(oddWorker(oddity))
    const options = { ...quick, salt, startWorker: watch.createWorker, clock }
    const failure = failureOf(stretchInWorker(passphraseToBytes(PASSPHRASE), options))
    // The first timer waits for the beginning, the second for the answer.
    while (reason === 'failed' && watch.posted.length === 0) await handleMessages(1)
    expect(clock.pending).toBe(1)
    clock.advance(timeoutMs - 1)
    expect(watch.ended).toEqual([])
    clock.advance(1)
    expect(await failure).toMatchObject({ code: 'ERR_E2EE_WORKER', details: { reason } })
    expect(watch.ended).toEqual(watch.started)
    expect(clock.pending).toBe(0)
  })

  test('[K49] a worker gets no passphrase before it says that it runs', async () => {
    const clock = new VirtualClock()
    const watch = watched(oddWorker('silence'))
    const options = { ...quick, salt, startWorker: watch.createWorker, clock }
    const failure = failureOf(stretchInWorker(passphraseToBytes(PASSPHRASE), options))
    await handleMessages(20)
    clock.advance(10_000)
    expect((await failure).code).toBe('ERR_E2EE_WORKER')
    expect(watch.posted).toEqual([])
  })

  test('[K43, K49] a worker where WebAssembly may not run says so', async () => {
    const error = await failureOf(stretch({ createWorker: oddWorker('no WebAssembly') }))
    expect(error).toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
      details: { feature: 'Argon2id' },
    })
    expect((error.cause as Error).message).toContain('WebAssembly')
  })
})
