/**
 * A page as the tests use it, whichever browser shows it.
 *
 * @module
 */

/** Roles that the tests look for; a name is the accessible name, exactly. */
export type Role =
  | 'button'
  | 'radio'
  | 'checkbox'
  | 'link'
  | 'textbox'
  | 'dialog'
  | 'list'
  | 'log'
  | 'alert'
  | 'status'
  | 'heading'

/** How long to wait, and what for, in the words of a failure's message. */
export interface WaitOptions {
  readonly timeoutMs?: number
  readonly what?: string
}

/** One page of one person: it shares nothing with other people's pages in the same browser. */
export interface Page {
  readonly browser: 'chromium' | 'firefox'
  /** Everything that the page wrote to its console, and its uncaught errors. */
  readonly console: readonly string[]
  /** The address of every request that the page made. */
  readonly requests: readonly string[]
  goto(url: string): Promise<void>
  reload(): Promise<void>
  url(): string
  /** Runs a function in the page. It must not refer to anything outside of itself. */
  evaluate<T, A>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T>
  /** Runs a script in the page, whatever the page's policy says of scripts. */
  addScript(source: string): Promise<void>
  /** Waits for an element with this role and name, then clicks it as a person would. */
  click(role: Role, name: string): Promise<void>
  /** Waits for the text field with this label and replaces what it holds. */
  fill(label: string, text: string): Promise<void>
  press(key: string): Promise<void>
  /** Types into whatever has the focus. */
  type(text: string): Promise<void>
  /** Waits until such an element is visible. */
  see(role: Role, name: string, options?: WaitOptions): Promise<void>
  /** Waits until the function, run in the page again and again, returns something truthy. */
  waitFor<T, A>(
    run: (argument: A) => T | Promise<T>,
    argument: A,
    options?: WaitOptions,
  ): Promise<NonNullable<T>>
  setViewport(width: number, height: number): Promise<void>
  setColorScheme(scheme: 'light' | 'dark'): Promise<void>
  screenshot(file: `${string}.png`): Promise<void>
  /** Another page of the same person, which shares everything that the browser keeps. Closing the first one closes it too. */
  openTab(): Promise<Page>
  close(): Promise<void>
}

/** How a page differs from that of a person with a current browser. */
export interface PageOptions {
  /** Run before every script of every document. They must not refer to anything outside of themselves. */
  readonly before?: readonly (() => void)[]
}

/** A running browser. */
export interface TestBrowser {
  readonly name: 'chromium' | 'firefox'
  readonly version: string
  newPage(options?: PageOptions): Promise<Page>
  close(): Promise<void>
}

/** How often a page is asked again while a test waits. */
const POLL_MS = 100
const DEFAULT_TIMEOUT_MS = 20_000

/** The loop behind {@link Page.waitFor}: the error of a failure holds what was seen last. */
export async function poll<T>(
  ask: () => Promise<T>,
  options: WaitOptions = {},
): Promise<NonNullable<T>> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, what = 'what the test waits for' } = options
  const deadline = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await ask()
      if (value !== null && value !== undefined && value !== false && value !== 0 && value !== '') {
        return value
      }
      last = value
    } catch (error) {
      // The page may be between two documents.
      last = error
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come within ${timeoutMs} ms; last: ${show(last)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const show = (value: unknown): string =>
  value instanceof Error ? value.message : JSON.stringify(value)
