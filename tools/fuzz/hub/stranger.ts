import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { decodeBase64Url } from '@conclave/base'
import type { TestRoom, TestSession } from '@conclave/server/testing'
import { decodeDataFrame, decodeServerMessage, encodeMessage } from '@conclave/wire'
import type { JoinMessage, ServerMessage } from '@conclave/wire'
import { clientFrame, readHubFrames } from './frames.ts'
import { headOf, validUpgrade } from './requests.ts'

/** Somebody who speaks to the hub over bare TCP, and looks at everything that it answers. */
export class Stranger {
  readonly #socket: Socket
  readonly #port: number
  #read: Buffer = Buffer.alloc(0)
  #isWebSocket = false
  #onMessage: (message: ServerMessage) => void = () => {}
  /** Set for one who may hear what the good pair says. */
  onSecret: (() => void) | undefined
  /** The first thing that the hub did and must not do. */
  fault: string | undefined
  /** The status of the first answer. */
  status: number | undefined
  /** The code by which the hub ended the WebSocket. */
  code: number | undefined
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>

  constructor(port: number, localAddress: string) {
    this.#port = port
    this.#socket = connect({ port, host: '127.0.0.1', localAddress })
    this.#socket.on('error', () => {})
    this.#socket.on('data', (data: Buffer) => this.#take(data))
    this.gone = new Promise((resolve) => this.#socket.once('close', () => resolve()))
  }

  /** Says bytes, in pieces of the network's choice. */
  write(bytes: Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes)
  }

  /** Says no more. The hub has to end the connection. */
  end(): void {
    this.#socket.end()
  }

  /** Leaves without a word. */
  destroy(): void {
    this.#socket.resetAndDestroy()
  }

  /** Becomes a WebSocket in a room. Resolves with the join and the channel, or with nothing when it is ended before. */
  async join(
    room: TestRoom,
    session: TestSession,
  ): Promise<{ readonly join: JoinMessage; readonly channel: number } | undefined> {
    const host = `127.0.0.1:${this.#port}`
    let join: JoinMessage | undefined
    const joined = new Promise<number>((resolve) => {
      this.#onMessage = (message) => {
        if (message.type === 'joined') resolve(message.channel)
        if (message.type !== 'challenge') return
        const nonce = decodeBase64Url(message.nonce) ?? new Uint8Array()
        void room.join({ nonce, host, session }).then((proved) => {
          join = proved
          this.write(clientFrame(Buffer.from(encodeMessage(proved)), { opcode: 1 }))
        })
      }
    })
    this.write(headOf(validUpgrade(this.#port)))
    const channel = await Promise.race([joined, this.gone])
    return join === undefined || channel === undefined ? undefined : { join, channel }
  }

  #hearSecret(): void {
    if (this.onSecret === undefined) this.fault ??= 'a message of others'
    else this.onSecret()
  }

  #take(data: Buffer): void {
    this.#read = Buffer.concat([this.#read, data])
    if (this.#isWebSocket) this.#readFrames()
    else this.#readAnswer()
  }

  #readAnswer(): void {
    const line = /^HTTP\/1\.1 (\d{3})[^\r\n]*\r\n/.exec(this.#read.toString('latin1', 0, 200))
    if (line === null) {
      if (this.#read.length > 200) this.fault ??= 'an answer that is none'
      return
    }
    this.status ??= Number(line[1])
    if (this.status >= 500 && this.status !== 503 && this.status !== 505)
      this.fault ??= `an answer with ${this.status}`
    const end = this.#read.indexOf('\r\n\r\n')
    if (this.status !== 101) this.#read = this.#read.subarray(0, 200)
    else if (end >= 0) {
      this.#isWebSocket = true
      this.#read = this.#read.subarray(end + 4)
      this.#readFrames()
    }
  }

  #readFrames(): void {
    const { frames, rest, wrong } = readHubFrames(this.#read)
    this.#read = rest
    if (wrong !== undefined) this.fault ??= wrong
    for (const { opcode, data } of frames) this.#hear(opcode, data)
  }

  #hear(opcode: number, data: Buffer): void {
    if (this.code !== undefined) this.fault ??= 'a frame after the last one'
    if (opcode === 8) {
      this.code = data.length < 2 ? 1005 : data.readUInt16BE(0)
      if (!isCode(this.code)) this.fault ??= `an end with ${this.code}`
    } else if (opcode === 1) {
      const message = decodeServerMessage(new Uint8Array(data))
      if (message === undefined) this.fault ??= 'a control message that is none'
      else this.#onMessage(message)
    } else if (opcode === 2) {
      const frame = decodeDataFrame(new Uint8Array(data))
      if (frame === undefined || frame.type === 'publish')
        this.fault ??= 'a data frame that is none'
      else if (data.includes(SECRET)) this.#hearSecret()
    } else if (opcode === 9) this.write(clientFrame(data, { opcode: 10 }))
    else if (opcode !== 10) this.fault ??= `a frame of kind ${opcode}`
  }
}

/** Stands in the messages of the good pair, which no stranger gets. */
export const SECRET: Buffer = Buffer.from('only bob reads this')

/**
 * Whether a hub may end with a code: those of RFC 6455 §7.4.1 for bytes that break the protocol, its own among those of applications, and any
 * of these that a client said, which ws says again.
 */
const isCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1006) || (code >= 3000 && code < 5000)
