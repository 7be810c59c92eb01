/**
 * A hub that an attacker owns, at the address of the app: it asks for no proof, and delivers, keeps, repeats and invents
 * as a test says. The files of the app come from a real hub behind it.
 *
 * @module
 */
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import {
  type ParticipantId,
  type ServerMessage,
  SUBPROTOCOL,
  decodeClientMessage,
  decodeDataFrame,
  encodeDataFrame,
  encodeMessage,
  parseMessageId,
} from '@conclave/wire'

/** A message as the hub saw it. */
export interface Recorded {
  readonly from: ParticipantId
  /** Left out: for everyone. */
  readonly to: ParticipantId | undefined
  readonly payload: Uint8Array
}

/** The hub of one test. */
export class HostileHub {
  /** Every message that was published, oldest first. */
  readonly tape: Recorded[] = []
  /** Decides which messages reach a session; the hub keeps the others. */
  passes: (message: Recorded, receiver: ParticipantId) => boolean = () => true
  /** The id of a session whose connection was lost: nobody is let in under it. */
  lost: ParticipantId | undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Map<ParticipantId, WebSocket>()
  readonly #webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL })
  #position = 0n

  private constructor(filesPort: number) {
    this.#server = createServer((incoming, outgoing) => {
      const { method, url: path, headers } = incoming
      const host = `localhost:${filesPort}`
      const sent = request(
        { port: filesPort, path, method, headers: { ...headers, host } },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        },
      )
      sent.on('error', () => outgoing.writeHead(502).end())
      incoming.pipe(sent)
    })
    this.#server.on('connection', (socket) => this.#sockets.add(socket))
    this.#server.on('upgrade', (incoming, socket, head) => {
      this.#webSockets.handleUpgrade(incoming, socket, head, (opened) => this.#open(opened))
    })
  }

  /** Starts one before the hub that serves the app. */
  static async start({ port }: { readonly port: number }): Promise<HostileHub> {
    const hub = new HostileHub(port)
    hub.#server.listen(0, '127.0.0.1')
    await once(hub.#server, 'listening')
    return hub
  }

  /** Where browsers find it. */
  get origin(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the hub is closed')
    return `http://localhost:${address.port}`
  }

  /** The sessions that are connected, in the order in which they came. */
  get sessions(): readonly ParticipantId[] {
    return [...this.#sessions.keys()]
  }

  /** Brings bytes to a session, as if `from` had sent them. */
  play(to: ParticipantId, { from, payload }: Pick<Recorded, 'from' | 'payload'>): void {
    const id = parseMessageId(randomBytes(16).toString('base64url'))
    const socket = this.#sessions.get(to)
    if (id === undefined || socket === undefined) return
    this.#position += 1n
    const frame = {
      type: 'deliver',
      channel: CHANNEL,
      position: this.#position,
      id,
      from,
      payload,
    } as const
    socket.send(encodeDataFrame(frame))
  }

  /** Tells a session that another one comes, or that it left. */
  tell(
    to: ParticipantId,
    type: 'participantJoined' | 'participantLeft',
    participant: ParticipantId,
  ): void {
    const message: ServerMessage =
      type === 'participantJoined'
        ? { type, channel: CHANNEL, participant }
        : { type, channel: CHANNEL, participant, reason: 'left' }
    this.#send(this.#sessions.get(to), message)
  }

  /** Cuts a session off: its connection ends, and it gets no other one until `lost` is another. */
  cutOff(id: ParticipantId): void {
    this.lost = id
    this.#sessions.get(id)?.terminate()
  }

  async close(): Promise<void> {
    for (const socket of this.#webSockets.clients) socket.terminate()
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #open(socket: WebSocket): void {
    let self: ParticipantId | undefined
    this.#send(socket, {
      type: 'challenge',
      version: 1,
      nonce: randomBytes(32).toString('base64url'),
    })
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        if (self !== undefined) this.#published(socket, { from: self, data })
        return
      }
      const message = decodeClientMessage(String(data))
      if (message?.type === 'ping') this.#send(socket, { type: 'pong', id: message.id })
      if (message?.type === 'leave' && self !== undefined) this.#left(self, 'left')
      if (message?.type !== 'join') return
      if (message.participant === this.lost) return socket.terminate()
      self = message.participant
      const participants = this.sessions.filter((id) => id !== self)
      const { room } = message
      this.#send(socket, { type: 'joined', room, channel: CHANNEL, participants, limits: LIMITS })
      this.#sessions.set(self, socket)
      for (const id of participants) this.tell(id, 'participantJoined', self)
    })
    socket.on('close', () => {
      if (self !== undefined && this.#sessions.get(self) === socket) this.#left(self, 'lost')
    })
  }

  #left(participant: ParticipantId, reason: 'left' | 'lost'): void {
    this.#sessions.delete(participant)
    for (const socket of this.#sessions.values()) {
      this.#send(socket, { type: 'participantLeft', channel: CHANNEL, participant, reason })
    }
  }

  #published(socket: WebSocket, { from, data }: { from: ParticipantId; data: RawData }): void {
    const frame = decodeDataFrame(new Uint8Array(data as Buffer))
    if (frame?.type !== 'publish') return
    const { id, to, payload } = frame
    const message = { from, to, payload: payload.slice() }
    this.tape.push(message)
    this.#position += 1n
    socket.send(encodeDataFrame({ type: 'ack', channel: CHANNEL, position: this.#position, id }))
    for (const receiver of to === undefined ? this.sessions : [to]) {
      if (receiver !== from && this.passes(message, receiver)) this.play(receiver, message)
    }
  }

  #send(socket: WebSocket | undefined, message: ServerMessage): void {
    socket?.send(encodeMessage(message))
  }
}

const CHANNEL = 1
const LIMITS = {
  maxPayloadBytes: 65_536,
  publishPerSecond: 50,
  publishBurst: 500,
  bytesPerSecond: 262_144,
  bytesBurst: 2_097_152,
  maxParticipants: 16,
  pingIntervalMs: 30_000,
}
