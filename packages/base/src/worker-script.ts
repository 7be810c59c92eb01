/**
 * The one way in which these packages start a worker of theirs: also where the page requires Trusted Types. spec M41
 *
 * @module
 */
import { isOfOtherOrigin } from './worker-start.ts'

/** The constructor of workers, as {@link createScriptWorker} gives it. */
export type WorkerConstructor = new (address: string | URL, options?: WorkerOptions) => Worker

/**
 * Makes a worker. `make` gets the constructor, so that the caller writes the expression that bundlers look for:
 * `(Worker) => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`. Where the page has Trusted Types the policy `conclave`
 * makes the address one that the page takes. Throws the browser's error, and whatever `make` throws.
 */
export function createScriptWorker(make: (Worker: WorkerConstructor) => Worker): Worker {
  return make(
    class extends Worker {
      /** For {@link WorkerStart}, which says why a worker does not load. */
      readonly address: string

      constructor(address: string | URL, options?: WorkerOptions) {
        super(trust(String(address)), options)
        this.address = String(address)
      }
    },
  )
}

/** The part of Trusted Types that is needed. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): Policy
}

interface Policy {
  createScriptURL(address: string): string
}

// Module state: a page that lists the names of its policies lets each be made only once.
let policy: Policy | undefined

/** The address in the type that the page requires. Left as it is if the page forbids the policy, and then refused if it requires one. */
const trust = (address: string): string => {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes }
  // The policy is for no `data:` and no other origin.
  if (trustedTypes === undefined || isOfOtherOrigin(address)) return address
  try {
    policy ??= trustedTypes.createPolicy('conclave', { createScriptURL: (given) => given })
  } catch {
    return address
  }
  return policy.createScriptURL(address)
}
