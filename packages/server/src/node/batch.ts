/** A message of the hub: text, or bytes that are not changed any longer. */
export type Message = string | Uint8Array

/**
 * The messages that a connection is sent in one turn. Connections that were sent the same have the same batch, and so its bytes: a batch
 * knows the one that has its messages and one more. spec H50
 */
export class Batch {
  /** The bytes of all its frames. */
  readonly bytes: number
  readonly #previous: Batch | undefined
  readonly #message: Message
  readonly #data: Uint8Array
  #next: Batch | undefined
  #frames: Buffer | undefined

  constructor(previous?: Batch, message: Message = '') {
    this.#previous = previous
    this.#message = message
    this.#data = typeof message === 'string' ? Buffer.from(message) : message
    const { length } = this.#data
    this.bytes = previous === undefined ? 0 : previous.bytes + headBytes(length) + length
  }

  /** The batch with one more message. */
  with(message: Message): Batch {
    const next = this.#next
    if (next !== undefined && next.#message === message) return next
    return (this.#next = new Batch(this, message))
  }

  /** Forgets the batches that begin with this one. */
  forget(): void {
    this.#next = undefined
  }

  /** The messages as WebSocket frames. Those of a server are not masked, and so the same for all. RFC 6455 §5.1 */
  get frames(): Buffer {
    return (this.#frames ??= Batch.#encode(this))
  }

  static #encode(last: Batch): Buffer {
    const frames = Buffer.allocUnsafe(last.bytes)
    let batch = last
    for (let previous = batch.#previous; previous !== undefined; previous = batch.#previous) {
      const at = previous.bytes
      const { length } = batch.#data
      writeHead(frames, { at, isText: typeof batch.#message === 'string', length })
      frames.set(batch.#data, at + headBytes(length))
      batch = previous
    }
    return frames
  }
}

const headBytes = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10)

/** The beginning of a frame that is a whole message. RFC 6455 §5.2 */
function writeHead(
  frames: Buffer,
  {
    at,
    isText,
    length,
  }: { readonly at: number; readonly isText: boolean; readonly length: number },
): void {
  frames[at] = FINAL | (isText ? TEXT : BINARY)
  if (length < 126) frames[at + 1] = length
  else if (length < 65_536) {
    frames[at + 1] = 126
    frames.writeUInt16BE(length, at + 2)
  } else {
    frames[at + 1] = 127
    frames.writeBigUInt64BE(BigInt(length), at + 2)
  }
}

const FINAL = 0x80
const TEXT = 1
const BINARY = 2
