/**
 * Parses an origin as a browser writes it in `Origin`: `https://meet.example`, or `capacitor://localhost` for an app with its
 * own scheme. Returns `undefined`, not throws, for anything else: a path, a final slash, a default port, upper case, a
 * pattern with `*`, `null`, a scheme that no page has. spec H1
 */
export function parseOrigin(text: string): string | undefined {
  if (OWN_SCHEME.test(text)) return FOREIGN_SCHEME.test(text) ? undefined : text
  if (!/^https?:\/\/[^*]+$/.test(text) || !URL.canParse(text)) return undefined
  return new URL(text).origin === text ? text : undefined
}

/** Apps in Capacitor, Tauri and Electron, and extensions: a scheme, and one name as their host. */
const OWN_SCHEME =
  /^(?!https?:)[a-z][a-z\d+.-]{0,31}:\/\/[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?(?::\d{1,5})?$/
/** Schemes that are no place for a page. */
const FOREIGN_SCHEME = /^(?:wss?|ftp|file|data|blob|about|javascript):/

/** The origins under which this machine reaches its own hub. */
export function localOrigins(port: number, scheme: 'http' | 'https' = 'http'): readonly string[] {
  return ['localhost', '127.0.0.1', '[::1]'].map(
    (name) => new URL(`${scheme}://${name}:${port}`).origin,
  )
}
