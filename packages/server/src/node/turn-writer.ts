/** A message of the hub: text, or bytes that are not changed any longer. */
export type Message = string | Uint8Array

/**
 * Writes once a turn of the event loop to each connection: what was sent to it in the turn, in that order. Connections that were sent the
 * same share one buffer, so that a message to a whole room is framed once and each of its connections costs one write. spec H50
 */
export class TurnWriter {
  readonly #waiting = new Set<TurnQueue>()
  /** The buffers of this turn, by the first message in them. */
  readonly #bufferByFirst = new Map<Message, SharedBuffer>()

  /** The queue of a connection, whose `write` takes whole frames, and drops them when it is no longer open. */
  queue(write: (frames: Buffer) => void): TurnQueue {
    return new TurnQueue(write, {
      began: (queue) => {
        if (this.#waiting.size === 0) setImmediate(() => this.#flush())
        this.#waiting.add(queue)
      },
      ended: (queue) => this.#waiting.delete(queue),
      encode: (messages) => this.#encode(messages),
    })
  }

  #flush(): void {
    for (const queue of this.#waiting) queue.flush()
    this.#bufferByFirst.clear()
  }

  #encode(messages: readonly Message[]): Buffer {
    const [first = ''] = messages
    const shared = this.#bufferByFirst.get(first)
    if (shared !== undefined && isSame(shared.messages, messages)) return shared.buffer
    const buffer = frame(messages)
    this.#bufferByFirst.set(first, { messages, buffer })
    return buffer
  }
}

/** The messages that one connection is sent in this turn. */
export class TurnQueue {
  readonly #write: (frames: Buffer) => void
  readonly #turn: Turn
  #messages: Message[] = []
  #bytes = 0

  constructor(write: (frames: Buffer) => void, turn: Turn) {
    this.#write = write
    this.#turn = turn
  }

  /** How many bytes wait for the end of the turn. */
  get bytes(): number {
    return this.#bytes
  }

  /** Sends at the end of the turn, or at once when much waits: a queue shows then how much the client has taken. */
  send(message: Message): void {
    if (this.#messages.length === 0) this.#turn.began(this)
    this.#messages.push(message)
    this.#bytes += message.length
    if (this.#bytes > MAX_WAITING_BYTES) this.flush()
  }

  /** Sends what waits: before anything that is written past this queue. */
  flush(): void {
    if (this.#messages.length === 0) return
    const messages = this.#messages
    this.drop()
    this.#write(this.#turn.encode(messages))
  }

  /** Forgets what waits. */
  drop(): void {
    this.#messages = []
    this.#bytes = 0
    this.#turn.ended(this)
  }
}

interface Turn {
  began(queue: TurnQueue): void
  ended(queue: TurnQueue): void
  encode(messages: readonly Message[]): Buffer
}

interface SharedBuffer {
  readonly messages: readonly Message[]
  readonly buffer: Buffer
}

/** The messages as WebSocket frames. Those of a server are not masked, and so the same for all. RFC 6455 §5.1 */
function frame(messages: readonly Message[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const isText = typeof message === 'string'
      const data = isText ? Buffer.from(message) : message
      return [frameHead(isText ? TEXT : BINARY, data.length), data]
    }),
  )
}

function isSame(some: readonly Message[], others: readonly Message[]): boolean {
  return some.length === others.length && some.every((message, at) => message === others[at])
}

/** The beginning of a frame that is a whole message. RFC 6455 §5.2 */
function frameHead(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL | opcode, length])
  if (length < 65_536) {
    const head = Buffer.from([FINAL | opcode, 126, 0, 0])
    head.writeUInt16BE(length, 2)
    return head
  }
  const head = Buffer.alloc(10)
  head.set([FINAL | opcode, 127])
  head.writeUIntBE(length, 4, 6)
  return head
}

const FINAL = 0x80
const TEXT = 1
const BINARY = 2
/** More is not held back until the end of a turn. */
const MAX_WAITING_BYTES = 65_536
