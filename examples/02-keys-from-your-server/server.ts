/**
 * Your own server, in Express: it decides who is in a room, and issues the room's key with the access token. So your server
 * can read this. The carrier of the events, here a server of Pusher's protocol, cannot.
 */
import { randomBytes } from 'node:crypto'
import express from 'express'
import type { ErrorRequestHandler, Express, Request } from 'express'
import { jwtVerify, SignJWT } from 'jose'
import type Pusher from 'pusher'
import type { Rooms } from './rooms.ts'

export interface AppOptions {
  readonly rooms: Rooms
  /** The library for backends, with the secret of the Pusher app. */
  readonly pusher: Pusher
  /** Everybody may read this: the public key of the Pusher app, and its address. The key of a room never stands here. */
  readonly config: PublicConfig
  /** The page and its bundled script. */
  readonly pageFolder: string
}

export interface PublicConfig {
  readonly key: string
  readonly host: string
  readonly port: number
}

export function createApp({ rooms, pusher, config, pageFolder }: AppOptions): Express {
  const tokenSecret = randomBytes(32)
  const userBySession = new Map<string, string>()
  const app = express()
  app.disable('x-powered-by')
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': `default-src 'self'; img-src data:; connect-src 'self' ws://${config.host}:${config.port}`,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    next()
  })
  app.use(express.json({ limit: '4kb' }))

  app.get('/config', (_request, response) => void response.json(config))

  // Stands for your login, with its passwords or passkeys.
  app.post('/login', (request, response) => {
    const { user } = bodyOf(request)
    if (typeof user !== 'string') return void response.sendStatus(400)
    const session = randomBytes(16).toString('base64url')
    userBySession.set(session, user)
    return void response.set('Cache-Control', 'no-store').json({ session })
  })

  // The access token and the room's key, in one answer that only the member gets.
  app.post('/rooms/:room/access', async (request, response) => {
    const user = userBySession.get(bearerOf(request))
    if (user === undefined) return void response.sendStatus(401)
    const { room } = request.params
    const roomKey = rooms.keyFor(room, user)
    if (roomKey === undefined) return void response.sendStatus(403)
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user)
      .setAudience(room)
      .setExpirationTime('1 minute')
      .sign(tokenSecret)
    return void response.set('Cache-Control', 'no-store').json({ token, roomKey })
  })

  // Pusher's authorization of a private channel. The answer passes through client libraries and logs: it holds no key.
  app.post('/pusher/auth', async (request, response) => {
    const { socket_id: socketId, channel_name: channelName } = bodyOf(request)
    if (typeof socketId !== 'string' || typeof channelName !== 'string')
      return void response.sendStatus(400)
    const room = /^private-room-(\w+)$/.exec(channelName)?.[1] ?? ''
    const user = await userOf(bearerOf(request), room)
    if (user === undefined || !rooms.hasMember(room, user)) return void response.sendStatus(403)
    return void response.json(pusher.authorizeChannel(socketId, channelName))
  })

  app.delete('/rooms/:room/members/:user', async (request, response) => {
    const { room, user } = request.params
    const by = userBySession.get(bearerOf(request))
    if (by === undefined) return void response.sendStatus(401)
    if (!rooms.hasMember(room, by)) return void response.sendStatus(403)
    const roomKey = rooms.remove(room, user)
    // A routine event in clear: it only tells members to ask for the key, each over its own request.
    if (roomKey !== undefined)
      await pusher.trigger(`private-room-${room}`, 'key.changed', { epoch: roomKey.epoch })
    return void response.sendStatus(204)
  })

  app.use(express.static(pageFolder))
  app.use(answerFailure)
  return app

  async function userOf(token: string, room: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(token, tokenSecret, { audience: room })
      return payload.sub
    } catch {
      return undefined
    }
  }
}

/** An answer without a stack, and without what the request held. */
const answerFailure: ErrorRequestHandler = (
  error: { readonly status?: unknown },
  _request,
  response,
  next,
) => {
  if (response.headersSent) next(error)
  else response.sendStatus(typeof error.status === 'number' ? error.status : 500)
}

const bodyOf = (request: Request): Readonly<Record<string, unknown>> =>
  (request.body ?? {}) as Readonly<Record<string, unknown>>

const bearerOf = (request: Request): string =>
  /^Bearer (\S+)$/.exec(request.get('Authorization') ?? '')?.[1] ?? ''
