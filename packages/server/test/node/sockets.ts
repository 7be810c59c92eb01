import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import type { HubOptions } from '@conclave/server'
import { serve } from '@conclave/server/node'
import type { Served, ServeOptions } from '@conclave/server/node'
import { createTestSession, randomMessage } from '@conclave/server/testing'
import type { TestRoom, TestSession } from '@conclave/server/testing'
import { decodeBase64Url } from '@conclave/base'
import {
  decodeDataFrame,
  decodeServerMessage,
  encodeDataFrame,
  encodeMessage,
} from '@conclave/wire'
import type { DataFrame, JoinMessage, ParticipantId, ServerMessage } from '@conclave/wire'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import { bytes, unreachable } from '../support.ts'

const running: Served[] = []

/** Serves a hub on a free port; `stopAll` ends it. */
export async function start(
  hubOptions: Partial<HubOptions> = {},
  serveOptions: Partial<ServeOptions> = {},
): Promise<Served & { readonly url: string; readonly origin: string }> {
  const served = await serve({
    port: 0,
    hub: ({ port }) =>
      createHub({ engine: createMemoryEngine(), origins: localOrigins(port), ...hubOptions }),
    ...serveOptions,
  })
  running.push(served)
  const host = `127.0.0.1:${served.port}`
  return { ...served, url: `ws://${host}/hub`, origin: `http://${host}` }
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((served) => served.close()))
}

/** A real client on a real socket. */
export class SocketClient {
  /** Made by the first `join`, unless a test sets it. */
  session: TestSession | undefined
  readonly socket: WebSocket
  readonly messages: ServerMessage[] = []
  readonly frames: DataFrame[] = []
  /** Close code, or the HTTP status when the upgrade was refused. */
  readonly ended: Promise<number>
  #onChange: (() => void)[] = []

  constructor(url: string, options: ClientOptions & { protocol?: string } = {}) {
    const { protocol = 'conclave.v1', ...rest } = options
    const origin = url.replace(/^ws/, 'http').replace(/\/hub.*$/, '')
    this.socket = new WebSocket(url, protocol === '' ? [] : [protocol], { origin, ...rest })
    this.ended = new Promise((resolve) => {
      this.socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0)
        response.destroy()
      })
      this.socket.on('close', (code) => resolve(code))
    })
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.frames.push(decodeDataFrame(new Uint8Array(data)) ?? unreachable())
      else this.messages.push(decodeServerMessage(new Uint8Array(data)) ?? unreachable())
      for (const notify of this.#onChange.splice(0)) notify()
    })
  }

  /** Waits until something holds; it is looked at after every message. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#onChange.push(resolve))
    }
  }

  /** The first control message of a type. */
  heard<T extends ServerMessage['type']>(type: T): Promise<ServerMessage & { readonly type: T }> {
    return this.until(
      () =>
        this.messages.find((message) => message.type === type) as
          | (ServerMessage & { readonly type: T })
          | undefined,
    )
  }

  async join(
    room: TestRoom,
    changes: Partial<JoinMessage> & { readonly nonce?: Uint8Array } = {},
  ): Promise<void> {
    const { nonce, ...members } = changes
    const challenge = await this.heard('challenge')
    const join = await room.join({
      nonce: nonce ?? decodeBase64Url(challenge.nonce) ?? unreachable(),
      host: new URL(this.socket.url).host,
      session: (this.session ??= await createTestSession()),
    })
    this.socket.send(encodeMessage({ ...join, ...members }))
  }

  async joined(room: TestRoom): Promise<this> {
    await this.join(room)
    await this.heard('joined')
    return this
  }

  get participant(): ParticipantId {
    return this.session?.participant ?? unreachable()
  }

  get channel(): number {
    return this.messages.find((message) => message.type === 'joined')?.channel ?? 0
  }

  publish(payload: Uint8Array, to?: ParticipantId): void {
    const { channel } = this
    this.socket.send(
      encodeDataFrame({ type: 'publish', channel, id: randomMessage(), to, payload }),
    )
  }
}

/** The HTTP request of an upgrade that the hub admits. */
export function upgradeRequest(port: number): string {
  return [
    'GET /hub HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Origin: http://127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: conclave.v1',
    '',
    '',
  ].join('\r\n')
}

/** The frame of a text below 126 bytes, as a client sends it. */
export function maskedText(text: string): number[] {
  const mask = [9, 8, 7, 6]
  const masked = [...bytes(text)].map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return [0x81, 0x80 | text.length, ...mask, ...masked]
}
