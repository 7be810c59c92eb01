/**
 * Maps an address to a page.
 *
 * @module
 */

/** The page that an address asks for; a room keeps its whole address, which its link is. */
export type Route =
  | { readonly type: 'start' }
  | { readonly type: 'room'; readonly link: string }
  | { readonly type: 'nowhere' }

/** Reads a page from an address; the secret stays in `link` and goes nowhere else. */
export function routeOf(href: string): Route {
  const url = URL.canParse(href) ? new URL(href) : undefined
  if (url === undefined) return { type: 'nowhere' }
  if (url.pathname === '/' || url.pathname === '/index.html') return { type: 'start' }
  if (url.pathname === '/r' || url.pathname.startsWith('/r/')) return { type: 'room', link: href }
  return { type: 'nowhere' }
}

/**
 * Turns pasted text into a local address, or `undefined` when it is no room link of this origin.
 * Whitespace around it, and the line breaks that mail programs put into it, are taken out.
 */
export function pastedPath(text: string, origin: string): string | undefined {
  const compact = text.replaceAll(/\s/g, '')
  const url = URL.canParse(compact, origin) ? new URL(compact, origin) : undefined
  if (url === undefined || url.origin !== origin || !url.pathname.startsWith('/r/'))
    return undefined
  return url.pathname + url.hash
}
