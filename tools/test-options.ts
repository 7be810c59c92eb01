/**
 * Options of `npm test` and of its halves.
 *
 * @module
 */

/** A run of the tests: which half, in which places, and what goes to the runner as it stands. */
export interface TestOptions {
  /** One half, or both when left out. */
  readonly only: 'unit' | 'e2e' | undefined
  /** Runs only in Node: builds nothing, and looks for, installs and starts no browser. */
  readonly isNodeOnly: boolean
  /** Only the unit tests of what changed since this revision, by what they import. */
  readonly changedSince: string | undefined
  readonly rest: readonly string[]
}

/** Options, or one sentence that says what is wrong with them. */
export type TestOptionsResult =
  | { readonly type: 'ok'; readonly options: TestOptions }
  | { readonly type: 'invalid'; readonly message: string }

/** The revision that `--changed` compares with when none is named. */
const MAIN = 'main'

/**
 * Reads the arguments of `npm test`: `unit` or `e2e`, `--node`, `--changed` or `--changed=REV`; the others are the
 * runner's.
 */
export function parseTestOptions(args: readonly string[]): TestOptionsResult {
  const [first] = args
  const only = first === 'unit' || first === 'e2e' ? first : undefined
  let isNodeOnly = false
  let changedSince: string | undefined
  const rest: string[] = []
  for (const arg of only === undefined ? args : args.slice(1)) {
    if (arg === '--node') isNodeOnly = true
    else if (arg === '--changed') changedSince = MAIN
    else if (arg.startsWith('--changed=')) changedSince = arg.slice('--changed='.length)
    else rest.push(arg)
  }
  if (only !== 'unit' && (isNodeOnly || changedSince !== undefined))
    return {
      type: 'invalid',
      message: '--node and --changed are for the unit tests: npm run test:unit -- ...',
    }
  if (changedSince === '') return { type: 'invalid', message: '--changed= expected a revision' }
  return { type: 'ok', options: { only, isNodeOnly, changedSince, rest } }
}
