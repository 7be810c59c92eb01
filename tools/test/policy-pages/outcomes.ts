/** Runs uses of a package in whatever page this is, and tells how each went. */
import type { PolicyPage } from '../../policy-pages.ts'

/** Sets the page's outcome: JSON of `works`, or the code of the error, or the error, by use. */
export async function report(uses: Readonly<Record<string, () => unknown>>): Promise<void> {
  const outcomes: Record<string, string> = {}
  for (const [name, run] of Object.entries(uses)) outcomes[name] = await outcomeOf(run)
  ;(globalThis as PolicyPage).outcome = JSON.stringify(outcomes)
}

const outcomeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run()
    return 'works'
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    return typeof code === 'string' ? code : String(error)
  }
}
