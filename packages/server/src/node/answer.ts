import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerFile } from '../http/app-files.ts'
import type { AppFiles } from '../http/app-files.ts'
import { answerHealth } from '../http/health.ts'
import { acceptsPage, depthOf, pageAt, routeRequest } from '../http/http-policy.ts'
import type { Hub } from '../hub.ts'

/** An HTTP request and what it takes to answer it. */
export interface Exchange {
  readonly request: IncomingMessage
  /** The request's target below the app's path. */
  readonly target: string | undefined
  readonly response: ServerResponse
  readonly hub: Hub
  readonly files: AppFiles
  /** The security headers, which every answer carries. spec H30 */
  readonly headers: Readonly<Record<string, string>>
}

/** Answers an HTTP request: health, a file of the app, or a refusal. spec H29 H30 H31 */
export function answer({ request, target, response, hub, files, headers }: Exchange): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const route = routeRequest(request.method, target)
  if (route.type === 'health') return sendHealth(response, answerHealth(route.path, hub))
  if (route.type === 'refused') return refuse(response, route.status)
  const file = files.get(route.path)
  const { 'accept-encoding': acceptEncoding, 'if-none-match': ifNoneMatch } = request.headers
  const encoding = acceptEncoding?.toString()
  if (file === undefined) return answerUnknown({ request, target, response, files, encoding })
  const found = answerFile(route.path, file, { acceptEncoding: encoding, ifNoneMatch })
  response.writeHead(found.status, found.headers)
  response.end(request.method === 'HEAD' ? undefined : found.body)
}

/** Answers 404: to a browser that opens a page with the app, which says so in its own words. spec H31 */
function answerUnknown({
  request,
  target,
  response,
  files,
  encoding,
}: Pick<Exchange, 'request' | 'target' | 'response' | 'files'> & {
  readonly encoding: string | undefined
}): void {
  const path = pageAt(depthOf(target))
  const page = files.get(path)
  if (page === undefined || !acceptsPage(request.headers.accept)) return refuse(response, 404)
  const found = answerFile(path, page, { acceptEncoding: encoding, ifNoneMatch: undefined })
  response.writeHead(404, { ...found.headers, 'Cache-Control': 'no-store' })
  response.end(request.method === 'HEAD' ? undefined : found.body)
}

function sendHealth(
  response: ServerResponse,
  { status, body }: ReturnType<typeof answerHealth>,
): void {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  response.writeHead(status, headers)
  response.end(body)
}

/** Answers with a status and nothing else. */
export function refuse(response: ServerResponse, status: 400 | 404 | 405 | 426 | 429): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain',
    'Cache-Control': 'no-store',
    ...HINTS[status],
  })
  response.end(`${status}\n`)
}

/** Headers that say what would be accepted instead. RFC 9110 §10.2.1, §15.5.22 */
const HINTS: Readonly<Partial<Record<number, Readonly<Record<string, string>>>>> = {
  405: { Allow: 'GET, HEAD' },
  426: { Upgrade: 'websocket' },
  429: { 'Retry-After': '10' },
}
