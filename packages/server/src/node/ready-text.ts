import type { Config } from '../ops/config/config.ts'
import { isLoopback } from './local-addresses.ts'

/** The lines that say where a hub is, and whose pages it takes. spec H46 */
export function readyText(
  { hostname, port, origins, hasPublicOrigin, allowFilePages, isLan, metrics }: Config,
  { hasApp }: { readonly hasApp: boolean },
): string {
  const what = hasApp ? 'Conclave' : 'The hub of Conclave, without an app,'
  const [first = ''] = origins
  const lines = [`${what} is ready: ${isLan || hasPublicOrigin ? origins.join(', ') : first}`]
  if (isLan) lines.push(...LAN)
  else if (!isLoopback(hostname)) {
    lines.push(
      `It listens on ${hostname} port ${port}, and takes pages of ${origins.join(', ')} only.`,
    )
    if (!hasPublicOrigin) lines.push(NO_ORIGIN)
  }
  if (allowFilePages) lines.push(FILE_PAGES)
  if (metrics !== undefined)
    lines.push(`Metrics: http://${hostOf(metrics.hostname)}:${metrics.port}/metrics`)
  return `${[...lines, 'Press Ctrl+C to stop it.'].join('\n')}\n`
}

const hostOf = (hostname: string): string => (hostname.includes(':') ? `[${hostname}]` : hostname)

const LAN = [
  'Open the first address on a phone in the same network. Its browser warns, because nobody vouches for the certificate',
  'that was made just now: go on to the page. Stop the hub when you are done.',
]
const FILE_PAGES =
  'It takes every page that hides its origin, not only those of files: keep it where nobody but your app reaches it.'
const NO_ORIGIN =
  'Pages at other addresses are refused: name the address that browsers show with PUBLIC_ORIGIN, such as https://meet.example.'
