import {
  checkMethods,
  describeWorkerFault,
  isBytes,
  systemClock,
  WorkerStart,
} from '@conclave/base'
import type { Clock, WorkerFault } from '@conclave/base'
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
  const start = new WorkerStart(() => checkWorker(startWorker()))
  const { worker } = start
  try {
    if (worker === undefined) throw startError(start.faultOf(), start.cause)
    const hello = await nextAnswer(worker, {
      ...{ clock, timeoutMs: START_TIMEOUT_MS },
      failed: (event) => startError(start.faultOf(event)),
    })
    if (hello?.type !== 'ready' || hello.version !== STRETCH_PROTOCOL)
      throw startError('other-version')
    const failed = (): E2eeError => workerError('failed', FAILED)
    const copy = new Uint8Array(passphrase)
    const costs = { salt: new Uint8Array(salt), memoryKiB, iterations, parallelism }
    const job: StretchJob = { type: 'stretch', passphrase: copy, ...costs }
    worker.postMessage(job, [copy.buffer])
    wipe(passphrase)
    const answer = await nextAnswer(worker, { clock, timeoutMs: WORK_TIMEOUT_MS, failed })
    if (answer?.type === 'unsupported') {
      throw unsupportedError('Argon2id', new Error(answer.message))
    }
    const key = answer?.type === 'stretched' ? answer.key : undefined
    if (!isBytes(key) || key.length !== STRETCHED_BYTES) throw failed()
    return key
  } finally {
    start.close()
    worker?.terminate()
    wipe(passphrase)
  }
}

/** @throws TypeError */
function checkWorker(worker: Worker): Worker {
  checkMethods('createWorker', worker, 'addEventListener', 'postMessage', 'terminate')
  return worker
}

/** The next message of the worker. @throws E2eeError `ERR_E2EE_WORKER` when it breaks, or says nothing in time */
async function nextAnswer(
  worker: Worker,
  {
    clock,
    timeoutMs,
    failed,
  }: {
    readonly clock: Clock
    readonly timeoutMs: number
    readonly failed: (event?: Event) => E2eeError
  },
): Promise<FromStretchWorker | undefined> {
  const listening = new AbortController()
  const { signal } = listening
  let timer: unknown
  try {
    return await new Promise((resolve, reject) => {
      const fail = (): void => reject(failed())
      const failHeard = (event: Event): void => {
        event.preventDefault()
        reject(failed(event))
      }
      const receive = ({ data }: { readonly data: unknown }): void =>
        resolve(data as FromStretchWorker | undefined)
      worker.addEventListener('message', receive, { signal })
      worker.addEventListener('error', failHeard, { signal })
      worker.addEventListener('messageerror', fail, { signal })
      timer = clock.setTimeout(fail, timeoutMs)
    })
  } finally {
    clock.clearTimeout(timer)
    listening.abort()
  }
}

const startError = (fault: WorkerFault, cause?: unknown): E2eeError<'ERR_E2EE_WORKER'> => {
  const { reason, fix } = describeWorkerFault(fault, NAMES)
  return workerError('start', `${reason}; ${fix}`, cause)
}

const workerError = (
  reason: 'start' | 'failed',
  message: string,
  cause?: unknown,
): E2eeError<'ERR_E2EE_WORKER'> => new E2eeError('ERR_E2EE_WORKER', { reason }, { message, cause })

const NAMES = {
  name: 'the worker that stretches passphrases',
  entry: '@conclave/e2ee/passphrase-worker',
}
const FAILED = 'the worker that stretches passphrases has failed, or did not answer in time'

/** The most expensive stretching that is allowed takes some 6 s, and ten times as long on a slow phone. spec K49 */
const WORK_TIMEOUT_MS = 120_000
const START_TIMEOUT_MS = 10_000
