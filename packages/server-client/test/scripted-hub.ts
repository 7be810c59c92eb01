import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { createServerClient } from '@conclave/server-client'
import type { ServerClient, ServerClientOptions } from '@conclave/server-client'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { onTestFinished } from 'vitest'

/** 32 bytes. */
export const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'

/** The time of the system, where no pause between attempts takes any. */
const HASTY: Clock = {
  ...systemClock,
  now: () => Date.now(),
  setTimeout: (callback, delayMs) =>
    systemClock.setTimeout(callback, delayMs <= 2000 ? 0 : delayMs),
}

/** A request, as a hub got it. */
export interface Asked {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly headers: IncomingMessage['headers']
}

/** One answer: a status and a body, or something else that a server does. */
export type Answer =
  | readonly [status: number, body: object | string, headers?: Readonly<Record<string, string>>]
  | ((request: IncomingMessage, response: ServerResponse) => void)

/** A server that answers as a test says, one answer after the other and the last one again. */
export async function startScript(
  answers: readonly Answer[],
  options: Partial<ServerClientOptions> = {},
): Promise<{ readonly asked: Asked[]; readonly client: ServerClient; readonly origin: string }> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
      const text = Buffer.concat(pieces).toString()
      asked.push({
        path: request.url ?? '',
        body: JSON.parse(text) as Asked['body'],
        header: decodeProtectedHeader(token) as Asked['header'],
        claims: decodeJwt(token),
        headers: request.headers,
      })
      const answer = answers[asked.length - 1] ?? answers.at(-1) ?? [200, {}]
      if (typeof answer === 'function') return answer(request, response)
      const [status, body, headers = {}] = answer
      response.writeHead(status, headers)
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createServerClient({
    ...{ hub: `${origin}/team/`, app: 'team', keyId: 'k1', key: KEY, clock: HASTY },
    ...options,
  })
  return { asked, client, origin }
}
