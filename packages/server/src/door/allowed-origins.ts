import { parseOrigin } from './origin.ts'

/** Decides about an origin that no text allows, such as `null` of a page that was opened as a file. Answer `true` to allow it. */
export type OriginTest = (origin: string) => boolean

/** The origins whose pages may connect. */
export interface AllowedOrigins {
  /** Those that are known exactly. */
  readonly exact: readonly string[]
  has(origin: string): boolean
}

/**
 * Reads the origins of a configuration: exact ones, patterns such as `https://*.meet.example`, and functions. spec H1 H60
 *
 * @throws TypeError for a text that is neither an origin nor a pattern
 */
export function readOrigins(allowed: readonly (string | OriginTest)[]): AllowedOrigins {
  const exact = new Set<string>()
  const tests: OriginTest[] = []
  for (const entry of allowed) {
    if (typeof entry === 'function') tests.push(entry)
    else if (parseOrigin(entry) !== undefined) exact.add(entry)
    else tests.push(readPattern(entry))
  }
  return {
    exact: [...exact],
    has: (origin) => exact.has(origin) || tests.some((test) => passes(test, origin)),
  }
}

/** Whether a page that was opened as a file has this origin; many others have it too. spec H66 */
export function isFileOrigin(origin: string): boolean {
  return origin === 'null' || origin === 'file://'
}

/** Whether a text is an origin or a pattern of origins. */
export function isAllowedOrigin(text: string): boolean {
  return parseOrigin(text) !== undefined || isPattern(text)
}

/** A pattern becomes an origin when a label stands in place of the `*`. */
function isPattern(text: string): boolean {
  return PATTERN.test(text) && parseOrigin(text.replace('*', 'a')) !== undefined
}

/** One label stands for the `*`: letters, digits and hyphens. */
function readPattern(text: string): OriginTest {
  const [, before, after] = PATTERN.exec(text) ?? []
  if (before === undefined || after === undefined || !isPattern(text))
    throw new TypeError(`"origins" expected origins as browsers write them, got ${text}`)
  return (origin) => {
    if (!origin.startsWith(before) || !origin.endsWith(after)) return false
    return LABEL.test(origin.slice(before.length, -after.length))
  }
}

/** A function that throws allows nothing, as one does that answers anything but `true`. */
function passes(test: OriginTest, origin: string): boolean {
  try {
    return test(origin) === true
  } catch {
    return false
  }
}

/** At least two labels stand behind the `*`: nobody owns all names below one. */
const PATTERN =
  /^(https?:\/\/)\*(\.(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])?(?::\d{1,5})?)$/
const LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/
