import { ServerResponse } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Whether a request asks to become a WebSocket. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** Whether a request names its host more than once, of which Node shows only the first. RFC 9112 §3.2 */
export function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  const isHost = (name: string, at: number): boolean => at % 2 === 0 && /^host$/i.test(name)
  return rawHeaders.filter(isHost).length > 1
}

/** An upgrade that is not taken, such as an offer of `h2c`: the request is answered as it is. RFC 9110 §7.8, spec H29 H61 */
export function answerPlainly({
  server,
  request,
  stream,
}: {
  readonly server: Server
  readonly request: IncomingMessage
  readonly stream: Duplex
}): void {
  stream.on('error', () => stream.destroy())
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(stream as Socket)
  response.once('finish', () => stream.end())
  server.emit('request', request, response)
}
