/**
 * Turns the bytes of a client's WebSocket frames, in pieces of any size, into their payloads without masks, in order
 * and without borders: everything that a curious hub could read. For recorders in tests only. RFC 6455 §5.2
 */
export class FrameUnmasker {
  readonly #header: number[] = []
  #mask: readonly number[] = []
  #left = 0
  #at = 0

  /** The payload bytes in this piece of the stream. */
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
    const payload = new Uint8Array(chunk.length)
    let length = 0
    for (const byte of chunk) {
      if (this.#left === 0) {
        this.#pushHeader(byte)
        continue
      }
      payload[length++] = byte ^ (this.#mask[this.#at++ % 4] ?? 0)
      this.#left -= 1
    }
    return payload.slice(0, length)
  }

  #pushHeader(byte: number): void {
    this.#header.push(byte)
    const [, second] = this.#header
    if (second === undefined) return
    const short = second & 127
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
    const maskBytes = second & 128 ? 4 : 0
    if (this.#header.length < 2 + lengthBytes + maskBytes) return
    const extended = this.#header.slice(2, 2 + lengthBytes)
    this.#left = lengthBytes === 0 ? short : extended.reduce((sum, part) => sum * 256 + part, 0)
    this.#mask = this.#header.slice(2 + lengthBytes)
    this.#at = 0
    this.#header.length = 0
  }
}
