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

/** Options, a wish for {@link TEST_HELP}, or one sentence that says what is wrong with them. */
export type TestOptionsResult =
  | { readonly type: 'ok'; readonly options: TestOptions }
  | { readonly type: 'help' }
  | { readonly type: 'invalid'; readonly message: string }

/** The text of `--help`. */
export const TEST_HELP = `npm test                                  every test: unit tests, packages, end-to-end tests
npm run test:unit -- [OPTION | PATH]...   unit tests; the other options are Vitest's
  --node                                  only in Node: builds nothing, starts no browser
  --changed, --changed=REV                only the tests of what changed since main, or since REV
npm run test:e2e -- [OPTION | PATH]...    end-to-end tests; the options are Playwright's
npm run coverage -- [--node | PATH]...    what the unit tests run of each package`

/** The revision that `--changed` compares with when none is named. */
const MAIN = 'main'

/**
 * Reads the arguments of `npm test`: `unit` or `e2e`, `--node`, `--changed` or `--changed=REV`, `--help`; the others are
 * the runner's.
 */
export function parseTestOptions(args: readonly string[]): TestOptionsResult {
  if (args.some((arg) => arg === '--help' || arg === '-h')) return { type: 'help' }
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
