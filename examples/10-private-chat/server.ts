/**
 * Your own server, in Express, with a hub beside its routes: it decides by its own session cookie who may join a chat, before
 * anything sealed is delivered. It has no key of any chat.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createHub, createMemoryEngine } from '@conclave/server'
import { attachHub } from '@conclave/server/node'
import express from 'express'
import type { Request } from 'express'
import type { Chats } from './chats.ts'

/** A server that runs. */
export interface Running {
  readonly origin: string
  close(): Promise<void>
}

export async function startServer(options: {
  readonly chats: Chats
  readonly port: number
  /** The page and its bundled script. */
  readonly pageFolder: string
}): Promise<Running> {
  const { chats, port, pageFolder } = options
  const userBySession = new Map<string, string>()
  const userOf = (cookies = ''): string | undefined =>
    userBySession.get(/(?:^|; )session=([\w-]+)/.exec(cookies)?.[1] ?? '')

  const app = express()
  app.disable('x-powered-by')
  app.use(express.json({ limit: '4kb' }))
  app.use((request, response, next) => {
    response.set({
      'Content-Security-Policy': `default-src 'self'; img-src data:; connect-src 'self' ws://${request.get('Host')}`,
      'Referrer-Policy': 'no-referrer',
    })
    next()
  })
  // Stands for your login, with its passwords or passkeys.
  app.post('/login', (request, response) => {
    const user = (request.body as { readonly user?: unknown } | undefined)?.user
    if (typeof user !== 'string' || !/^\w{1,32}$/.test(user)) return void response.sendStatus(400)
    const session = randomBytes(16).toString('base64url')
    userBySession.set(session, user)
    // `secure: true` too, where the page comes over https.
    return void response
      .cookie('session', session, { httpOnly: true, sameSite: 'strict' })
      .sendStatus(204)
  })
  app.delete(
    '/chats/:chat/members/:user',
    (request: Request<{ chat: string; user: string }>, response) => {
      const { chat, user } = request.params
      const by = userOf(request.get('Cookie'))
      if (by === undefined || !chats.hasMember(chat, by)) return void response.sendStatus(403)
      chats.remove(chat, user)
      for (const channel of [`private-chat-${chat}`, `presence-chat-${chat}`]) {
        // Everything that was granted before, also a moment ago: a kick ends only what is open now.
        hub.channels.revoke({ type: 'user', app: '', user, channel })
      }
      return void response.sendStatus(204)
    },
  )
  app.use(express.static(pageFolder))
  const server = app.listen(port, '127.0.0.1')
  await once(server, 'listening')

  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hub = createHub({
    engine: createMemoryEngine(),
    origins: [origin],
    authorize({ channel, wants, request }) {
      const user = userOf(request.header('cookie'))
      const chat = /^(?:private|presence)-chat-(\w+)$/.exec(channel)?.[1]
      if (user === undefined || chat === undefined || !chats.hasMember(chat, user))
        return { deny: true }
      // The client asks again before ten minutes are over.
      return { user, rights: wants, expiresInMs: 600_000 }
    },
  })
  const attached = attachHub(server, hub, { path: '/realtime/hub' })
  return {
    origin,
    async close() {
      await attached.close()
      server.close()
      server.closeAllConnections()
    },
  }
}
