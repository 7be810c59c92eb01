/**
 * The start of a worker: finds out why one does not load, which browsers tell to nobody in one place. spec M43
 *
 * @module
 */

/** Why a worker did not start. */
export type WorkerFault =
  | 'not-found'
  | 'other-origin'
  | 'policy'
  | 'trusted-types'
  | 'broken'
  | 'silent'
  | 'other-version'
  | 'not-made'

/** Makes a worker, and says afterwards why it does not run. */
export class WorkerStart {
  /** `undefined` if it could not be made. */
  readonly worker: Worker | undefined
  /** The reason for that, as the browser or `make` threw it. */
  readonly cause: unknown
  #isForbidden = false

  get [Symbol.toStringTag](): string {
    return 'WorkerStart'
  }

  constructor(make: () => Worker) {
    // Reported before the event `error`, and on the page, not on the worker.
    globalThis.addEventListener?.('securitypolicyviolation', this.#hear)
    try {
      this.worker = make()
    } catch (cause) {
      this.cause = cause
      this.close()
    }
  }

  /** The reason, from the worker's event `error` or without one. */
  faultOf(event?: Event): WorkerFault {
    if (this.worker === undefined) return faultOfThrown(this.cause)
    if (this.#isForbidden) return 'policy'
    if (event === undefined) return 'silent'
    if ((event as Partial<ErrorEvent>).message) return 'broken'
    const { address } = this.worker as { readonly address?: string }
    return address !== undefined && isOfOtherOrigin(address) ? 'other-origin' : 'not-found'
  }

  /** Stops looking for the reason: the worker runs, or ended. */
  close(): void {
    globalThis.removeEventListener?.('securitypolicyviolation', this.#hear)
  }

  readonly #hear = (event: Event): void => {
    const { effectiveDirective } = event as Partial<SecurityPolicyViolationEvent>
    if (effectiveDirective === 'worker-src') this.#isForbidden = true
  }
}

/** Whether workers from an address are refused because the page is of another origin. */
export function isOfOtherOrigin(address: string): boolean {
  const { href } = globalThis.location
  return new URL(address, href).origin !== new URL(href).origin
}

/** Says what happened, and what the application can do. Neither has text from outside. */
export function describeWorkerFault(
  fault: WorkerFault,
  { name, entry }: { readonly name: string; readonly entry: string },
): { readonly reason: string; readonly fix: string } {
  const [reason, fix] = FAULTS[fault]
  return { reason: `${name} did not start: ${reason}`, fix: fix.replace('$', entry) }
}

/** The reason in an error of the constructor; a package's error has the browser's as its cause. */
function faultOfThrown(error: unknown): WorkerFault {
  const { name, message, cause } = Object(error) as Partial<Error>
  if (name === 'SecurityError') return 'other-origin'
  if (name === 'TypeError' && /trusted|sink type/i.test(message ?? '')) return 'trusted-types'
  return cause === undefined ? 'not-made' : faultOfThrown(cause)
}

/** By reason: what happened, and what helps; `$` is the entry with the script. */
const FAULTS: Readonly<Record<WorkerFault, readonly [reason: string, fix: string]>> = {
  'not-found': [
    'its address gives no script, or is of another origin',
    'let the bundler emit $, or serve it from the origin of the page and start it with createWorker',
  ],
  'other-origin': [
    'its script is of another origin than the page, and browsers start no such worker',
    'serve $ from the origin of the page and start it with createWorker',
  ],
  policy: [
    'the content security policy of the page forbids it',
    "allow worker-src 'self', or worker-src blob: for a worker that is made from text",
  ],
  'trusted-types': [
    'the page requires Trusted Types and does not allow the policy conclave',
    'allow trusted-types conclave, or start $ with createWorker and a policy that the page allows',
  ],
  broken: ['its script failed', 'serve $ of the installed version as it is'],
  silent: ['it did not answer in time', 'serve $ of the installed version, then try again'],
  'other-version': ['it is of another version', 'serve $ of the installed version'],
  'not-made': ['createWorker gave no worker', 'let createWorker return a worker of $'],
}
