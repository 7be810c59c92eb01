/** A hub that says what a test tells it to say, and no more; and clients of it. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { VirtualClock } from '@conclave/base/testing'
import { connectHub } from '@conclave/client/channels'
import type { Authorize, HubChannelOptions, HubClient } from '@conclave/client/channels'
import { Keyring } from '@conclave/e2ee'
import {
  decodeClientMessage,
  decodeDataFrame,
  encodeDataFrame,
  encodeMessage,
} from '@conclave/wire'
import type {
  ClientMessage,
  ConnectionLimits,
  DataFrame,
  PublishFrame,
  ServerMessage,
  SignalFrame,
  SubscribeMessage,
} from '@conclave/wire'
import { onTestFinished } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { LIMITS } from '../hub/hub-limits.ts'

/** The member id of every client of a scripted hub. */
const MEMBER = 'AAAAAAAAAAAAAAAAAAAAAQ' as never

/** A scripted hub, its connections, and what it heard. */
export class ScriptedHub {
  readonly clock = new VirtualClock()
  readonly heard: (ClientMessage | DataFrame)[] = []
  readonly sockets: ServerSocket[] = []
  /** Answers to `subscribe`; `undefined` leaves it unanswered. */
  answer: (message: SubscribeMessage) => ServerMessage | undefined = (message) =>
    this.subscribed(message)
  limits: ConnectionLimits = LIMITS
  /** How many members it says that there are. */
  count = 0
  readonly #server: WebSocketServer
  #handles = 6

  constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket) => {
      this.sockets.push(socket)
      socket.on('message', (data: Buffer, isBinary) => this.#hear(data, isBinary))
      // Each connection has another challenge.
      const nonce = String.fromCharCode(64 + this.sockets.length).repeat(42) + 'A'
      socket.send(encodeMessage({ type: 'challenge', version: 1, nonce }))
    })
  }

  /** Starts one, which ends with the test. */
  static async start(): Promise<ScriptedHub> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate()
      server.close()
    })
    return new ScriptedHub(server)
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The newest connection. */
  get socket(): ServerSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('expected a connection')
    return socket
  }

  /** The messages of a type that were heard. */
  of<Type extends ClientMessage['type']>(
    type: Type,
  ): readonly Extract<ClientMessage, { readonly type: Type }>[] {
    return this.heard.filter((message) => message.type === type) as never
  }

  get published(): readonly PublishFrame[] {
    return this.heard.filter((frame) => frame.type === 'publish')
  }

  get signals(): readonly SignalFrame[] {
    return this.heard.filter((frame) => frame.type === 'signal')
  }

  say(message: ServerMessage): void {
    this.socket.send(encodeMessage(message))
  }

  send(frame: DataFrame): void {
    this.socket.send(encodeDataFrame(frame))
  }

  acknowledge({ channel, id }: PublishFrame): void {
    this.send({ type: 'ack', channel, id, position: 1n })
  }

  subscribed({ id, wants }: SubscribeMessage, expiresInMs = 3_600_000): ServerMessage {
    this.#handles += 1
    return {
      ...{ type: 'subscribed', id, channel: this.#handles, member: MEMBER, rights: wants },
      ...{ expiresInMs, count: this.count, limits: this.limits },
    }
  }

  /** A client, which ends with the test. */
  connect(authorize: Authorize = ({ channel }) => `token-${channel.length}`): HubClient {
    const client = connectHub({
      ...{ url: `ws://${this.host}/hub`, clock: this.clock, authorize },
      wakeSignals: { subscribe: () => () => {} },
    })
    onTestFinished(() => client.close())
    return client
  }

  /** Ends the connection as a network does, and lets the next one come. */
  async drop(): Promise<void> {
    const before = this.sockets.length
    this.socket.terminate()
    await this.until(() => this.sockets.length > before)
  }

  /** Lets time pass, in steps, until something is so. */
  async until(isSo: () => boolean, stepMs = 50): Promise<void> {
    for (let step = 0; !isSo(); step += 1) {
      if (step > 20_000) throw new Error('it never is so')
      this.clock.advance(stepMs)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #hear(data: Buffer, isBinary: boolean): void {
    const message = isBinary
      ? decodeDataFrame(new Uint8Array(data))
      : decodeClientMessage(String(data))
    if (message === undefined) throw new Error('a client said something malformed')
    this.heard.push(message)
    if (message.type === 'ping') this.say({ type: 'pong', id: message.id })
    const answer = message.type === 'subscribe' ? this.answer(message) : undefined
    if (answer !== undefined) this.say(answer)
  }
}

/** The options of a channel whose members share a key. */
export function sealed(sender: string): HubChannelOptions {
  const keys = new Keyring()
  keys.rotate({ keyId: 'orders', epoch: 1, key: new Uint8Array(32).fill(7) })
  return { keys, sender }
}
