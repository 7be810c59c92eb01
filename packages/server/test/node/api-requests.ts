import { createHash, randomBytes } from 'node:crypto'
import { request as send } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { HubOptions } from '@conclave/server'
import type { Served, ServeOptions } from '@conclave/server/node'
import { createApp, signToken } from '../access/tokens.ts'
import type { TestKey } from '../access/tokens.ts'
import { start } from './sockets.ts'

export const KICK = '/api/v1/kick'
export const BODY = { user: 'alice', channel: '' }

/** A hub with one app, and the three keys of that app. */
export async function startApi(
  hubOptions: Partial<HubOptions> = {},
  serveOptions: Partial<ServeOptions> = {},
): Promise<{ readonly served: Served; readonly port: number; readonly keys: readonly TestKey[] }> {
  const { app, keys } = await createApp()
  const served = await start({ apps: [app], ...hubOptions }, serveOptions)
  return { served, port: served.port, keys }
}

/** The answer to a request. */
export interface Answered {
  readonly status: number
  readonly text: string
  readonly headers: IncomingHttpHeaders
}

/** A request, as its sender writes it. */
export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** One piece after the other; a promise is waited for before the next one. */
  readonly pieces?: readonly (string | Promise<void>)[]
}

/** Sends a request, whatever it says. */
export function ask(
  port: number,
  { method = 'POST', path = KICK, ...more }: Ask,
): Promise<Answered> {
  const { token, headers = {}, pieces = [JSON.stringify(BODY)] } = more
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const request = send(
      { host: '127.0.0.1', port, method, path, headers: { ...authorization, ...headers } },
      (response) => {
        response.setEncoding('utf8')
        let text = ''
        response.on('data', (piece: string) => (text += piece))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        )
      },
    )
    request.on('error', reject)
    const write = async (): Promise<void> => {
      for (const piece of pieces) {
        if (typeof piece === 'string') request.write(piece)
        else await piece
      }
      request.end()
    }
    void write()
  })
}

/** A token for a request, apart from what `changes` and `header` replace. */
export function tokenFor(
  key: TestKey,
  {
    port,
    body = JSON.stringify(BODY),
    changes = {},
    header = {},
  }: {
    readonly port: number
    readonly body?: string
    readonly changes?: Readonly<Record<string, unknown>>
    readonly header?: Readonly<Record<string, unknown>>
  },
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    ...{ aud: `127.0.0.1:${port}`, iat, exp: iat + 30, jti: randomBytes(16).toString('base64url') },
    ...{ htm: 'POST', htu: KICK, bsh: createHash('sha256').update(body).digest('base64url') },
    ...changes,
  }
  return signToken(key, claims, { typ: 'conclave-request+jwt', ...header })
}
