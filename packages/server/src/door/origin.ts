/**
 * Parses an origin as a browser writes it in `Origin`. Returns `undefined`, not throws, for anything else: a path, a
 * final slash, a default port, upper case, a scheme other than `http` and `https`. spec H1
 */
export function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined
  return new URL(text).origin === text ? text : undefined
}

/** The origins under which this machine reaches its own hub. */
export function localOrigins(port: number): readonly string[] {
  return ['localhost', '127.0.0.1', '[::1]'].map((name) => new URL(`http://${name}:${port}`).origin)
}
