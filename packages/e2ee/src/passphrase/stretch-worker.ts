import { wipe } from '@conclave/crypto'
import { hashArgon2id } from './argon2id.ts'
import { STRETCH_PROTOCOL } from './stretch-protocol.ts'
import type { FromStretchWorker, StretchJob } from './stretch-protocol.ts'

/** The part of `DedicatedWorkerGlobalScope` that is used. */
export interface StretchWorkerScope {
  postMessage(message: FromStretchWorker, options?: { readonly transfer: Transferable[] }): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** Says that the worker runs, and stretches what it is given. The page ends the worker. spec K49 */
export function startStretchWorker(scope: StretchWorkerScope): void {
  scope.addEventListener('message', ({ data }) => {
    const job = data as StretchJob | undefined
    if (job?.type === 'stretch') void stretch(scope, job)
  })
  scope.postMessage({ type: 'ready', version: STRETCH_PROTOCOL })
}

async function stretch(
  scope: StretchWorkerScope,
  { passphrase, ...options }: StretchJob,
): Promise<void> {
  try {
    const key = await hashArgon2id(passphrase, options)
    scope.postMessage({ type: 'stretched', key }, { transfer: [key.buffer] })
  } catch (error) {
    const { cause } = error as Error
    scope.postMessage({ type: 'unsupported', message: String(cause) })
  } finally {
    wipe(passphrase)
  }
}
