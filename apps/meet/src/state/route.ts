/**
 * Maps an address to a page, and a pasted text to the room whose link it contains.
 *
 * @module
 */

/** The page that an address asks for; a room keeps its whole address, which its link is. */
export type Route =
  | { readonly type: 'start' }
  | { readonly type: 'room'; readonly link: string }
  /** A link whose secret was sent to the server, because an app wrote `%23` instead of `#`. */
  | { readonly type: 'burnt' }
  | { readonly type: 'nowhere' }

/**
 * Reads a page from an address; the secret stays in `link` and goes nowhere else. `base` is the address of the app,
 * which ends with a slash.
 */
export function routeOf(href: string, base: string): Route {
  const url = URL.canParse(href) ? new URL(href) : undefined
  if (url?.href.startsWith(base) !== true) return { type: 'nowhere' }
  const path = url.pathname.slice(new URL(base).pathname.length)
  if (path === '' || path === 'index.html') return { type: 'start' }
  if (path !== 'r' && !path.startsWith('r/')) return { type: 'nowhere' }
  if (/%23./.test(path + url.search)) return { type: 'burnt' }
  return { type: 'room', link: repairLink({ path, hash: url.hash, base }) ?? href }
}

/** The room that a pasted text means. */
export type Pasted =
  /** A path of this site, which may still be damaged. */
  | { readonly type: 'path'; readonly path: string }
  | { readonly type: 'burnt' }
  | { readonly type: 'none' }

/**
 * Finds a room link of the app at `base` in a pasted text: with or without a scheme, between other words
 * and punctuation, and with the line breaks that mail programs put into it.
 */
export function readPasted(text: string, base: string): Pasted {
  const { host, protocol, pathname } = new URL(base)
  const plain = text.replaceAll(INVISIBLE, '').replaceAll(QUOTED_LINE_BREAK, '')
  const [escapedHost, escapedPath] = [host, pathname].map((part) =>
    part.replaceAll(/[^\w]/g, String.raw`\$&`),
  )
  const head = new RegExp(
    String.raw`(?:^\s*|(?<![\w.@/-])(?:${protocol}//)?${escapedHost})${escapedPath}r/`,
    'i',
  ).exec(plain)
  if (head === null) return { type: 'none' }
  const rest = plain.slice(head.index + head[0].length)
  if (BURNT_REST.test(rest)) return { type: 'burnt' }
  const whole = WHOLE_REST.exec(rest)?.groups
  const found = (whole ?? LOOSE_REST.exec(rest)?.groups) as Record<string, string | undefined>
  const room = (found['room'] ?? '').replaceAll(/\s/g, '')
  const secret = (found['secret'] ?? '').replaceAll(/\s/g, '')
  return { type: 'path', path: `${pathname}r/${room}${secret === '' ? '' : `#${secret}`}` }
}

/**
 * The link of an address to which an app added something: punctuation behind the secret, a slash
 * or a query before it. `undefined` when there is nothing to repair or no way to.
 */
function repairLink(parts: {
  readonly path: string
  readonly hash: string
  readonly base: string
}): string | undefined {
  const room = /^r\/([\w-]{22})\/?$/.exec(parts.path)?.[1]
  const secret = /^#([\w-]{64})(?![\w-])/.exec(parts.hash)?.[1]
  if (room === undefined || secret === undefined) return undefined
  return `${parts.base}r/${room}#${secret}`
}

/** Characters that are not seen and come along when text is copied. */
const INVISIBLE = /\p{DI}/gu

/** A line break inside of a quoted mail, with the signs of the quote. */
const QUOTED_LINE_BREAK = /\r?\n(?:[>|]\s*)+/g

/** 22 characters of a room and 64 of its secret, with white space anywhere and anything behind. */
const WHOLE_REST =
  /^\s*(?<room>[\w-](?:\s*[\w-]){21})\s*\/?(?:\?[^\s#]*)?\s*#\s*(?<secret>[\w-](?:\s*[\w-]){63})(?![\w-])/

/** The same where something is missing or too much. */
const LOOSE_REST = /^(?<room>[\w\s-]*)(?:[^#]*#(?<secret>[\w\s-]*))?/

/** `%23` where the secret begins. */
const BURNT_REST = /^[\w\s-]*\/?\s*%23\s*[\w-]/
