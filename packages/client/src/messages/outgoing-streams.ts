/**
 * The messages of this session: sealed one after the other, kept for a while, and repeated byte for byte.
 *
 * @module
 */
import { TaskQueue } from '@conclave/base'
import { type Sealer, randomMessageId } from '@conclave/e2ee'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import type { Transport } from '../transport.ts'
import { type Hello, type ParticipantInfo, MESSAGE_KINDS, encodeBody } from './bodies.ts'
import type { PeerStreams } from './peer-streams.ts'
import { SendLog } from './send-log.ts'

/** A message on its way: its id is known before anything of it is sent. */
export interface Sending {
  readonly id: MessageId
  /**
   * Resolves when the transport has taken the sealed message.
   *
   * @throws ClientError `ERR_CLIENT_OVERFLOW` when too many messages wait, `ERR_CLIENT_CLOSED` after `close`
   */
  readonly sent: Promise<void>
}

/** The needs of {@link OutgoingStreams}. */
export interface OutgoingStreamsOptions {
  readonly transport: Transport
  readonly sealer: Sealer
}

/** The stream to the room and the streams to single sessions. Messages keep the order of the calls. */
export class OutgoingStreams {
  readonly #transport: Transport
  readonly #sealer: Sealer
  readonly #roomLog = new SendLog()
  readonly #queue = new TaskQueue({ maxWaiting: MAX_UNSEALED })
  #settled: Promise<void> = Promise.resolve()

  constructor({ transport, sealer }: OutgoingStreamsOptions) {
    this.#transport = transport
    this.#sealer = sealer
  }

  /** Seals a message to everyone in the room or, with `peer`, to one session. */
  send(kind: number, body: Uint8Array, peer?: PeerStreams): Sending {
    return this.#enqueue(kind, () => body, peer)
  }

  /** Seals a hello that names where all streams between this session and `peer` stand. spec R9 */
  sendHello(
    peer: PeerStreams,
    { reply, info }: { readonly reply: boolean; readonly info: () => ParticipantInfo },
  ): Sending {
    const body = (): Uint8Array => {
      const hello: Hello = {
        reply,
        next: { room: Number(this.#sealer.next()), direct: Number(this.#sealer.next(peer.id)) },
        oldest: { room: this.#roomLog.oldest, direct: peer.directLog.oldest },
        received: { room: peer.room?.expected ?? null, direct: peer.direct.expected },
        info: info(),
      }
      return encodeBody(hello)
    }
    return this.#enqueue(MESSAGE_KINDS.hello, body, peer)
  }

  /** Repeats, to `peer` only, the messages from the positions that it expects next. spec R9 */
  repeat(peer: PeerStreams, { room, direct }: Hello['received']): void {
    if (room !== null) this.#repeatSince(this.#roomLog, room, peer.id)
    this.#repeatSince(peer.directLog, direct, peer.id)
  }

  /** Resolves when every message that was given so far is sealed and handed on, or refused. */
  get settled(): Promise<void> {
    return this.#settled
  }

  /** Refuses every message from now on. */
  close(): void {
    void this.#queue.close()
  }

  #enqueue(kind: number, body: () => Uint8Array, peer: PeerStreams | undefined): Sending {
    const id = randomMessageId()
    const task = (): Promise<void> => this.#sealAndPublish(id, { kind, body: body(), peer })
    const sent = this.#queue.run(task) ?? Promise.reject(this.#refusal())
    this.#settled = sent.catch(() => {})
    return { id, sent }
  }

  async #sealAndPublish(
    id: MessageId,
    { kind, body, peer }: { kind: number; body: Uint8Array; peer: PeerStreams | undefined },
  ): Promise<void> {
    const to = peer?.id
    // A sealed message has a place in its stream: it can be refused before it is sealed, and not afterwards.
    if (this.#queue.closed || !this.#transport.canPublish(body.length)) throw this.#refusal()
    const sealed = await this.#sealer.seal(to === undefined ? { kind } : { kind, to }, body)
    const message = { id, to, payload: sealed.bytes }
    const log = peer?.directLog ?? this.#roomLog
    log.add(Number(sealed.sequence), message)
    if (!this.#transport.publish(message)) throw this.#refusal()
  }

  #refusal(): ClientError {
    const code = this.#queue.closed ? 'ERR_CLIENT_CLOSED' : 'ERR_CLIENT_OVERFLOW'
    return new ClientError(code, undefined)
  }

  #repeatSince(log: SendLog, from: number, to: ParticipantId): void {
    for (const { id, payload } of log.since(from)) {
      if (this.#transport.isPending(id)) continue
      // The next hello asks again for messages that do not fit now.
      if (!this.#transport.publish({ id: randomMessageId(), to, payload })) return
    }
  }
}

const MAX_UNSEALED = 2048
