/**
 * A server of files, as a host of static pages: nothing is moved, bundled or found for the page.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

/** A running server. */
export interface FileServer {
  readonly port: number
  stop(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
}

/** Serves a folder with these headers, and other folders below paths of it. */
export async function serveFiles(
  served: string | readonly [folder: string, below: Readonly<Record<string, string>>],
  headers: Readonly<Record<string, string>> = {},
): Promise<FileServer> {
  const [folder, below] = typeof served === 'string' ? [served, {}] : served
  const find = (path: string): string => {
    const [prefix, other] = Object.entries(below).find(([start]) => path.startsWith(start)) ?? []
    return other === undefined || prefix === undefined
      ? join(folder, path)
      : join(other, path.slice(prefix.length))
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    readFile(find(normalize(decodeURIComponent(file)))).then(
      (body) =>
        response
          .writeHead(200, { 'content-type': TYPES[extname(file)] ?? '', ...headers })
          .end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
