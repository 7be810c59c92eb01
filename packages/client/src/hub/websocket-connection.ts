/**
 * One connection of a session to its room: the proofs of the join, and what concerns the room. It ends once and is not used
 * again.
 *
 * @module
 */
import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import type { Awaitable, Clock } from '@conclave/base'
import type { AccessKey } from '@conclave/e2ee'
import type { SessionKeys } from '@conclave/e2ee/session'
import { encodeAccessProof, encodeSessionProof, isToken, OWNER_BYTES } from '@conclave/wire'
import type {
  DataFrame,
  IceServersMessage,
  JoinedMessage,
  ParticipantId,
  ParticipantJoinedMessage,
  ParticipantLeftMessage,
  RefusedMessage,
  RoomId,
} from '@conclave/wire'
import { wrongArgument } from '../arguments.ts'
import type { Outgoing } from '../transport.ts'
import {
  ABNORMAL_CLOSURE,
  type HubMessage,
  HubSocket,
  NORMAL_CLOSURE,
  type SocketEnd,
  type SocketHandlers,
} from './hub-socket.ts'

/** The part of a session's keys that the hub gets to see. */
export type SessionSigner = Pick<SessionKeys, 'id' | 'signingKey' | 'sign'>

/** The needs of a connection. */
export interface ConnectionOptions {
  /** The hub's WebSocket address, `ws:` or `wss:`, without query or fragment. */
  readonly url: string
  readonly room: RoomId
  /** The fingerprint of the room's owner; left out: nobody owns the room. spec W5 */
  readonly ownerFingerprint?: Uint8Array | undefined
  /** Names this session; its proof lets it replace its own older connection, and nobody else. */
  readonly session: SessionSigner
  /** Proves that this session may join. The proofs hold for this connection and this hub only. */
  readonly access: AccessKey
  /** Gives a token for a hub that is closed. spec R188 */
  readonly authorize?: AuthorizeJoin | undefined
  readonly clock: Clock
}

/** The question to the application: may this session join the room at a closed hub? */
export interface JoinRequest {
  readonly room: RoomId
  /** The challenge of the connection, base64url: a token is bound to it, and worth nothing on another connection. */
  readonly nonce: string
  /** The hub as it is addressed, with its port if that is not the default: the audience of a token. */
  readonly host: string
}

/** Gets a token from the application's server, which decides who may join; `undefined`: the hub decides by what it knows of the connection. spec R188 */
export type AuthorizeJoin = (request: JoinRequest) => Awaitable<string | undefined>

/** Control messages that concern the room. */
export type RoomControl =
  | ParticipantJoinedMessage
  | ParticipantLeftMessage
  | RefusedMessage
  | IceServersMessage

/** Callbacks of a connection. `closed` is the last call, and comes exactly once. */
export interface ConnectionHandlers extends Pick<SocketHandlers, 'frame' | 'malformed'> {
  joined(message: JoinedMessage): void
  control(message: RoomControl): void
  /** The access key did not sign; `closed` follows. */
  unsigned(error: unknown): void
  closed(end: SocketEnd): void
}

/** A connection from the challenge to its end. */
export class WebSocketConnection {
  readonly #options: ConnectionOptions
  readonly #handlers: ConnectionHandlers
  readonly #socket: HubSocket
  /** The room's handle once it is joined. */
  #channel: number | undefined

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#socket = new HubSocket(options, {
      challenge: (nonce) => this.#challenge(nonce),
      control: (message) => this.#control(message),
      frame: (frame) => this.#frame(frame),
      malformed: (reason) => handlers.malformed(reason),
      closed: (end) => handlers.closed(end),
    })
  }

  /** Hands a message to the connection. Call only between `joined` and `closed`. */
  send({ id, to, payload }: Outgoing): void {
    const channel = this.#channel
    if (channel !== undefined) this.#socket.send({ type: 'publish', channel, id, to, payload })
  }

  /** Asks the hub to end the connection of a removed session. Call only between `joined` and `closed`. spec H37 */
  remove(participant: ParticipantId, statements: readonly Uint8Array[]): void {
    if (this.#channel === undefined) return
    const { room } = this.#options
    const texts = statements.map((bytes) => encodeBase64Url(bytes))
    this.#socket.say({ type: 'remove', room, participant, statements: texts })
  }

  /** Asks the hub for a sign of life and ends the connection if none comes soon. spec R22 */
  probe(): void {
    this.#socket.probe()
  }

  /** Tells the hub that the session ends, so that others need not wait for it, and closes. */
  leave(): void {
    if (this.#channel !== undefined) this.#socket.say({ type: 'leave', room: this.#options.room })
    this.#socket.end(NORMAL_CLOSURE)
  }

  #frame(frame: DataFrame): void {
    if (frame.channel !== this.#channel) return this.#handlers.malformed('malformed-frame')
    this.#handlers.frame(frame)
  }

  #control(message: HubMessage): void {
    switch (message.type) {
      case 'joined':
        if (this.#channel !== undefined || message.room !== this.#options.room) return
        this.#channel = message.channel
        this.#socket.stand(message.limits.pingIntervalMs)
        return this.#handlers.joined(message)
      case 'participantJoined':
      case 'participantLeft':
      case 'iceServers':
      case 'refused':
        if (this.#channel !== undefined) this.#handlers.control(message)
        return
      default:
      // The hub speaks of a guarded channel, which a session in a room has none of.
    }
  }

  #challenge(nonce: string): void {
    this.#join(nonce).catch((error: unknown) => {
      if (this.#socket.ended) return
      this.#handlers.unsigned(error)
      this.#socket.end(ABNORMAL_CLOSURE)
    })
  }

  async #join(nonceText: string): Promise<void> {
    const { access, room, session, url, ownerFingerprint, authorize } = this.#options
    const nonce = decodeBase64Url(nonceText)
    if (nonce === undefined || this.#channel !== undefined) return
    const { host } = new URL(url)
    const context = { host, nonce, room, participant: session.id }
    const [proof, sessionProof, token] = await Promise.all([
      access.sign(encodeAccessProof(context)),
      session.sign(encodeSessionProof(context)),
      authorize?.({ room, nonce: nonceText, host }),
    ])
    if (token !== undefined && (token === '' || !isToken(token)))
      throw wrongArgument('authorize', token, 'a function that answers a token')
    this.#socket.say({
      type: 'join',
      version: 1,
      room,
      participant: session.id,
      key: encodeBase64Url(access.publicKey),
      owner: encodeBase64Url(ownerFingerprint ?? new Uint8Array(OWNER_BYTES)),
      proof: encodeBase64Url(proof),
      host,
      session: encodeBase64Url(session.signingKey),
      sessionProof: encodeBase64Url(sessionProof),
      ...(token === undefined ? {} : { token }),
    })
  }
}
