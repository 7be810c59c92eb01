import type { Hub } from '../hub.ts'
import { HEALTH_PATHS } from './health.ts'

/** The part of the hub that answers a request. A `file` may exist in the app or not. */
export type Route =
  | { readonly type: 'health'; readonly path: (typeof HEALTH_PATHS)[number] }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'refused'; readonly status: 400 | 404 | 405 | 426 }

/** The path of the app's page among its files. */
export const PAGE = '/index.html'

/** The deepest address below which the page finds its files. */
export const MAX_PAGE_DEPTH = 8

/**
 * The path among the files of the page for an address at this depth, whose names of files lead up to the app's root;
 * no request has this path. spec H35
 */
export function pageAt(depth: number): string {
  return depth === 0 ? PAGE : `${'../'.repeat(depth)}index.html`
}

/** How many folders an address lies below the root, as browsers resolve what is relative to it; 0 for what is no path. */
export function depthOf(target: string | undefined): number {
  return Math.max(0, (/^[^?#]*/.exec(target ?? '/')?.[0].split('/').length ?? 2) - 2)
}

/** Whether a text is a path under which the app can be shown: it begins and ends with a slash. */
export function isBasePath(text: string): boolean {
  return /^\/(?:[\w.~-]+\/)*$/.test(text)
}

/** A request's target without the path under which a proxy shows the app, if it has it. spec H35 */
export function stripBase(target: string | undefined, base: string): string | undefined {
  return target?.startsWith(base) === true ? target.slice(base.length - 1) : target
}

/** Routes an HTTP request. A target that is no path, such as `*`, is refused. spec H29 H31 H70 */
export function routeRequest(method: string | undefined, target: string | undefined): Route {
  if (method !== 'GET' && method !== 'HEAD') return { type: 'refused', status: 405 }
  const path = decodePath(target ?? '/')
  if (path?.startsWith('/') !== true) return { type: 'refused', status: 400 }
  const health = HEALTH_PATHS.find((name) => name === path)
  if (health !== undefined) return { type: 'health', path: health }
  if (path === '/hub') return { type: 'refused', status: 426 }
  const isPage = path === '/' || /^\/r\/./.test(path)
  return { type: 'file', path: isPage ? pageAt(depthOf(target)) : path }
}

/** The security headers of every HTTP answer. spec H30 H65 */
export function securityHeaders(
  { origins }: Pick<Hub, 'origins'>,
  { hstsMs }: { readonly hstsMs?: number | undefined } = {},
): Readonly<Record<string, string>> {
  return {
    ...(hstsMs !== undefined && {
      'Strict-Transport-Security': `max-age=${Math.floor(hstsMs / 1000)}`,
    }),
    'Content-Security-Policy': contentSecurityPolicy(origins),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self)',
  }
}

/** The value of `Cache-Control`: for a year when the file's name carries a hash of its content. spec H31 */
export function cacheControl(path: string): string {
  const isHashed = /^\/assets\/.*[-.][\w-]{8,}\.\w+$/.test(path)
  return isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
}

/** Whether `Accept-Encoding` accepts a coding. RFC 9110 §12.5.3 */
export function acceptsEncoding(header: string | undefined, coding: 'br' | 'gzip'): boolean {
  const weights = new Map<string, number>()
  for (const part of header?.toLowerCase().split(',') ?? []) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const weight = parameters.find((text) => text.startsWith('q='))
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)))
  }
  return (weights.get(coding) ?? weights.get('*') ?? 0) > 0
}

/** Whether `Accept` names HTML, as browsers do when a person opens an address and not for scripts and pictures. */
export function acceptsPage(header: string | undefined): boolean {
  return /(?:^|,)\s*text\/html\s*(?:[;,]|$)/i.test(header ?? '')
}

/** The media type of a file by its extension. */
export function contentType(path: string): string {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return CONTENT_TYPES.get(extension) ?? 'application/octet-stream'
}

/**
 * Names the hub's WebSocket hosts beside `'self'`: older browsers do not count them among `'self'` as CSP3 does. A
 * policy cannot name IPv6 addresses.
 */
function contentSecurityPolicy(origins: readonly string[]): string {
  const names = origins.filter((origin) => !origin.includes('['))
  const sockets = names.map((origin) => origin.replace(/^http/, 'ws'))
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob: mediastream:",
    ["connect-src 'self'", ...sockets].join(' '),
    "worker-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function decodePath(target: string): string | undefined {
  try {
    return decodeURIComponent(target.replace(/[?#].*$/s, ''))
  } catch {
    return undefined
  }
}

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['mjs', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['txt', 'text/plain; charset=utf-8'],
  ['json', 'application/json'],
  ['map', 'application/json'],
  ['webmanifest', 'application/manifest+json'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['ico', 'image/x-icon'],
  ['woff2', 'font/woff2'],
  ['wasm', 'application/wasm'],
  ['mp3', 'audio/mpeg'],
  ['ogg', 'audio/ogg'],
])
