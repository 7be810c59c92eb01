/** The client, for pages and for Node: gets token and key from your server, and seals what is sensitive. */
import { Keyring } from '@conclave/e2ee'
import { sealPusherChannel } from '@conclave/adapters/pusher'
import type { SealedChannel } from '@conclave/adapters'
import Pusher from 'pusher-js'
import type { ChannelAuthorizationHandler } from 'pusher-js'

export interface RoomEvents {
  readonly message: { readonly body: string }
  readonly typing: boolean
  readonly 'key.changed': unknown
}

/** Everybody on the way can read these, and write them: nothing sensitive, and nothing that is believed. */
type ClearName = 'typing' | 'key.changed'

export interface Member {
  readonly keys: Keyring
  readonly channel: SealedChannel<RoomEvents, ClearName>
  close(): Promise<void>
}

export interface MemberOptions {
  /** Of your server; with `https:` everywhere but on your own machine. */
  readonly origin: string
  readonly session: string
  readonly room: string
  /** This device among all, the same after a reload. */
  readonly sender: string
}

/** Enters a room; resolves when the carrier let the client in. */
export async function enterRoom({ origin, session, room, sender }: MemberOptions): Promise<Member> {
  const keys = new Keyring()

  /** A token for the channel. The key comes with it, in the answer that nobody else gets. */
  const fetchAccess = async (): Promise<string> => {
    const { token, roomKey } = await ask<{ token: string; roomKey: GivenKey }>(
      `${origin}/rooms/${room}/access`,
      { bearer: session },
    )
    const { keyId, epoch } = roomKey
    if (!keys.has({ keyId, epoch })) {
      const key = Uint8Array.from(atob(roomKey.key), (unit) => unit.charCodeAt(0))
      keys.rotate({ keyId, epoch, key })
      key.fill(0)
      // Whoever was removed has the key before: it ends at once.
      keys.requireEpoch({ keyId, epoch })
    }
    return token
  }

  /** Asks your server to let this client into the channel; each time with a new token, and with the key of then. */
  const admit = async (
    ...[{ socketId, channelName }, callback]: Parameters<ChannelAuthorizationHandler>
  ): Promise<void> => {
    const body = { socket_id: socketId, channel_name: channelName }
    let answer: { readonly auth: string }
    try {
      answer = await ask(`${origin}/pusher/auth`, { bearer: await fetchAccess(), body })
    } catch (error) {
      callback(error as Error, null)
      return
    }
    callback(null, answer)
  }

  const config = await ask<{ key: string; host: string; port: number }>(`${origin}/config`)
  await fetchAccess()
  const pusher = new Pusher(config.key, {
    ...{ cluster: 'local', wsHost: config.host, wsPort: config.port, forceTLS: false },
    enabledTransports: ['ws'],
    channelAuthorization: {
      customHandler: (request, callback) => void admit(request, callback),
    },
  })
  const carrier = pusher.subscribe(`private-room-${room}`)
  const channel = sealPusherChannel<RoomEvents, ClearName>(carrier, {
    ...{ keys, sender, keepUnknown: 100 },
    // Declared once: every other name is sealed, whatever a carrier does.
    clear: ['typing', 'key.changed'],
    checks: { message: isMessage, typing: (value) => typeof value === 'boolean' },
  })
  // Both only make this client ask its server, which knows.
  const renew = (): void =>
    void fetchAccess().then(
      () => channel.retryKept(),
      () => channel.discardKept(),
    )
  channel.on('unknownKey', renew)
  channel.on('key.changed', renew)
  const close = async (): Promise<void> => {
    await channel.close()
    pusher.disconnect()
    keys.close()
  }
  try {
    await new Promise<void>((resolve, reject) => {
      carrier.bind('pusher:subscription_succeeded', () => resolve())
      carrier.bind('pusher:subscription_error', () => reject(new Error('not admitted to the room')))
    })
  } catch (error) {
    await close()
    throw error
  }
  return { keys, channel, close }
}

/** Stands for your login. */
export async function logIn(origin: string, user: string): Promise<string> {
  return (await ask<{ session: string }>(`${origin}/login`, { body: { user } })).session
}

interface GivenKey {
  readonly keyId: string
  readonly epoch: number
  readonly key: string
}

async function ask<Answer>(
  url: string,
  { bearer, body }: { readonly bearer?: string; readonly body?: object } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: bearer === undefined && body === undefined ? 'GET' : 'POST',
    headers: {
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  // The answer may hold a key: it appears in no message.
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  return (await response.json()) as Answer
}

const isMessage = (value: unknown): value is RoomEvents['message'] =>
  typeof (value as { readonly body?: unknown } | null)?.body === 'string'
