import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import type { HubOptions } from '@conclave/server'
import { serve } from '@conclave/server/node'
import type { Served, ServeOptions } from '@conclave/server/node'
import { createServerClient } from '@conclave/server-client'
import type { ServerClient } from '@conclave/server-client'
import {
  decodeDataFrame,
  decodeServerMessage,
  encodeDataFrame,
  encodeMessage,
  parseChannelName,
} from '@conclave/wire'
import type { DataFrame, MessageId, Right, ServerMessage } from '@conclave/wire'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** 32 bytes. */
const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
export const PRESENCE = 'presence-garden'
export const PRIVATE = 'private-orders'

/** A hub with two apps, on a free port, and the client of the first one's server. */
export async function startHub(
  options: Partial<HubOptions> = {},
  serveOptions: Partial<ServeOptions> = {},
): Promise<{ readonly served: Served; readonly origin: string; readonly client: ServerClient }> {
  const apps = ['team', 'other'].map((id) => ({
    id,
    keys: [{ id: `${id}-1`, algorithm: 'HS256' as const, key: KEY }],
  }))
  const served = await serve({
    port: 0,
    hub: ({ port }) =>
      createHub({ engine: createMemoryEngine(), origins: localOrigins(port), apps, ...options }),
    ...serveOptions,
  })
  onTestFinished(() => served.close())
  const origin = `http://127.0.0.1:${served.port}`
  return { served, origin, client: createClient(origin) }
}

/** The client of an app's server. */
export const createClient = (hub: string, app = 'team'): ServerClient =>
  createServerClient({ hub, app, keyId: `${app}-1`, key: KEY })

/** A page of alice, bob or carol, on a real socket. */
export class Page {
  readonly messages: ServerMessage[] = []
  readonly frames: DataFrame[] = []
  readonly #socket: WebSocket
  readonly #changed: (() => void)[] = []

  constructor(origin: string) {
    this.#socket = new WebSocket(`${origin.replace('http', 'ws')}/hub`, 'conclave.v1', { origin })
    this.#socket.on('message', (data: Buffer, isBinary) => {
      const bytes = new Uint8Array(data)
      const message = isBinary ? undefined : decodeServerMessage(bytes)
      const frame = isBinary ? decodeDataFrame(bytes) : undefined
      if (message !== undefined) this.messages.push(message)
      if (frame !== undefined) this.frames.push(frame)
      for (const notify of this.#changed.splice(0)) notify()
    })
    this.#socket.on('error', () => {})
    onTestFinished(() => this.#socket.terminate())
  }

  /** Waits until something holds; it is looked at after each message. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#changed.push(resolve))
    }
  }

  /** The first message of a type. */
  heard<T extends ServerMessage['type']>(type: T): Promise<ServerMessage & { readonly type: T }> {
    return this.until(() => {
      const found = this.messages.find((message) => message.type === type)
      return found as (ServerMessage & { readonly type: T }) | undefined
    })
  }

  /** Asks for a channel with a token; answers whether it was granted. */
  async subscribe(
    channel: string,
    token: string,
    wants: readonly Right[] = RIGHTS,
  ): Promise<boolean> {
    const name = parseChannelName(channel)
    if (name === undefined) throw new Error('no name of a channel')
    const id = this.messages.length
    await this.heard('challenge')
    const asked = { type: 'subscribe', id, channel: name, wants, token, info: '' } as const
    this.#socket.send(encodeMessage(asked))
    const answer = await this.until(() =>
      this.messages.find((message) => 'id' in message && message.id === id),
    )
    return answer.type === 'subscribed'
  }

  /** Publishes to the channel that was subscribed to. */
  async publish(id: MessageId, payload: Uint8Array): Promise<void> {
    const { channel } = await this.heard('subscribed')
    this.#socket.send(encodeDataFrame({ type: 'publish', channel, id, to: undefined, payload }))
  }

  /** The nonce that the application's server puts into a capability. */
  async nonce(): Promise<string> {
    return (await this.heard('challenge')).nonce
  }

  /** Leaves with the page. */
  close(): void {
    this.#socket.close(1000)
  }
}

/** A page that is in a channel, by a capability of the application's server. */
export async function enter(
  { origin, client }: { readonly origin: string; readonly client: ServerClient },
  user: string,
  channel: string = PRESENCE,
): Promise<Page & { readonly tokenId: string }> {
  const page = new Page(origin)
  const { token, tokenId } = await client.mintCapability({
    ...{ nonce: await page.nonce(), user, device: 'phone', expiresInMs: 60_000 },
    channels: { [channel]: RIGHTS },
  })
  if (!(await page.subscribe(channel, token))) throw new Error(`${user} was denied`)
  return Object.assign(page, { tokenId })
}

const RIGHTS: readonly Right[] = ['subscribe', 'publish', 'signal', 'presence']
