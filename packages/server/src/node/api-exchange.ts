import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock, within } from '@conclave/base'
import { API_PATH } from '../api/server-api.ts'
import type { Hub } from '../hub.ts'

/** A request of an application's server, and what it takes to answer it. */
export interface ApiExchange {
  readonly hub: Hub
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The path from `/api/` on, with what stands behind it. */
  readonly path: string
  /** The security headers, which every answer carries. spec H30 */
  readonly headers: Readonly<Record<string, string>>
}

/** Whether a request is one for the API of the hub. spec G70 */
export function isApiRequest(hub: Hub, path: string | undefined): path is string {
  return hub.api !== undefined && path?.startsWith(API_PATH) === true
}

/** Answers a request of an application's server. spec G70 G76 */
export function answerApi(exchange: ApiExchange): void {
  const { hub, request } = exchange
  respond(exchange).catch(() => {
    hub.log({ event: 'failed', part: 'http' })
    request.socket.destroy()
  })
}

async function respond({ hub, request, response, path, headers }: ApiExchange): Promise<void> {
  const { authorization, origin } = request.headers
  const answer = await hub.api?.answer({
    ...{ method: request.method ?? '', path, authorization, origin },
    readBody: (maxBytes) =>
      readBody(request, { maxBytes, deadlineMs: hub.limits.requestDeadlineMs }),
  })
  if (answer === undefined) throw new Error('unreachable: a hub with an API')
  const { outcome, status, body, retryAfterS } = answer
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...(outcome === 'method' ? { Allow: 'POST' } : {}),
    ...(retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) }),
    // The rest of a body is not waited for.
    ...(request.complete ? {} : { Connection: 'close' }),
  })
  response.end(body)
}

/** Reads a body; holds no more of it than `maxBytes`. */
function readBody(
  request: IncomingMessage,
  { maxBytes, deadlineMs }: { readonly maxBytes: number; readonly deadlineMs: number },
): Promise<Uint8Array<ArrayBuffer> | 'too-large' | 'late'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too-large')
  const pieces: Buffer[] = []
  let length = 0
  const read = new Promise<Uint8Array<ArrayBuffer> | 'too-large' | 'late'>((resolve) => {
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length <= maxBytes) return pieces.push(piece)
      request.pause()
      return resolve('too-large')
    })
    request.once('end', () => resolve(new Uint8Array(Buffer.concat(pieces))))
    request.once('close', () => resolve('late'))
  })
  const late = (): 'late' => {
    request.pause()
    return 'late'
  }
  return within(read, { clock: systemClock, ms: deadlineMs, late })
}
