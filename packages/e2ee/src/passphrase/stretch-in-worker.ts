import { checkMethods, isBytes, systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { unsupportedError, wipe } from '@conclave/crypto'
import { E2eeError } from '../errors.ts'
import type { Argon2idOptions } from './argon2id.ts'
import { STRETCH_PROTOCOL, STRETCHED_BYTES } from './stretch-protocol.ts'
import type { FromStretchWorker, StretchJob } from './stretch-protocol.ts'

/**
 * Argon2id in a worker that is started for it and ended with it, and its memory with it. Overwrites `passphrase`: its bytes are
 * handed over, and only to a worker that says that it runs. spec K49
 *
 * @throws E2eeError `ERR_E2EE_WORKER`: nothing was computed in the calling thread
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` (`Argon2id`) where WebAssembly may not run in the worker
 */
export async function stretchInWorker(
  passphrase: Uint8Array<ArrayBuffer>,
  options: Argon2idOptions & { readonly startWorker: () => Worker; readonly clock?: Clock },
): Promise<Uint8Array<ArrayBuffer>> {
  const { salt, memoryKiB, iterations, parallelism, startWorker, clock = systemClock } = options
  let worker: Worker | undefined
  try {
    worker = makeWorker(startWorker)
    const hello = await nextAnswer(worker, { clock, reason: 'start' })
    if (hello?.type !== 'ready' || hello.version !== STRETCH_PROTOCOL) throw workerError('start')
    const copy = new Uint8Array(passphrase)
    const costs = { salt: new Uint8Array(salt), memoryKiB, iterations, parallelism }
    const job: StretchJob = { type: 'stretch', passphrase: copy, ...costs }
    worker.postMessage(job, [copy.buffer])
    wipe(passphrase)
    const answer = await nextAnswer(worker, { clock, reason: 'failed' })
    if (answer?.type === 'unsupported') {
      throw unsupportedError('Argon2id', new Error(answer.message))
    }
    const key = answer?.type === 'stretched' ? answer.key : undefined
    if (!isBytes(key) || key.length !== STRETCHED_BYTES) throw workerError('failed')
    return key
  } finally {
    worker?.terminate()
    wipe(passphrase)
  }
}

/** @throws E2eeError `ERR_E2EE_WORKER` */
function makeWorker(startWorker: () => Worker): Worker {
  try {
    const worker = startWorker()
    checkMethods('createWorker', worker, 'addEventListener', 'postMessage', 'terminate')
    return worker
  } catch (cause) {
    throw workerError('start', cause)
  }
}

/** The next message of the worker. @throws E2eeError `ERR_E2EE_WORKER` when it breaks, or says nothing in time */
async function nextAnswer(
  worker: Worker,
  { clock, reason }: { readonly clock: Clock; readonly reason: WorkerFailure },
): Promise<FromStretchWorker | undefined> {
  const listening = new AbortController()
  const { signal } = listening
  let timer: unknown
  try {
    return await new Promise((resolve, reject) => {
      const fail = (): void => reject(workerError(reason))
      const failHeard = (event: Event): void => {
        event.preventDefault()
        fail()
      }
      const receive = ({ data }: { readonly data: unknown }): void =>
        resolve(data as FromStretchWorker | undefined)
      worker.addEventListener('message', receive, { signal })
      worker.addEventListener('error', failHeard, { signal })
      worker.addEventListener('messageerror', fail, { signal })
      timer = clock.setTimeout(fail, TIMEOUTS_MS[reason])
    })
  } finally {
    clock.clearTimeout(timer)
    listening.abort()
  }
}

type WorkerFailure = 'start' | 'failed'

const workerError = (reason: WorkerFailure, cause?: unknown): E2eeError<'ERR_E2EE_WORKER'> =>
  new E2eeError('ERR_E2EE_WORKER', { reason }, { message: MESSAGES[reason], cause })

/** The most expensive stretching that is allowed takes some 6 s, and ten times as long on a slow phone. spec K49 */
const TIMEOUTS_MS = { start: 10_000, failed: 120_000 } as const

const MESSAGES = {
  start:
    'the worker that stretches passphrases did not start: its script must be served from the origin of the page, ' +
    "and the content security policy must allow worker-src 'self', under Trusted Types also trusted-types conclave; a bundler " +
    'that does not emit it needs the option createWorker with the entry @conclave/e2ee/passphrase-worker',
  failed: 'the worker that stretches passphrases has failed, or did not answer in time',
} as const
