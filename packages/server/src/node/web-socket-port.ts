import type { Duplex } from 'node:stream'
import { CLOSE_CODES } from '@conclave/wire'
import type { WebSocket } from 'ws'
import type { SessionSocket } from '../session/session-socket.ts'
import type { Intake } from './intake.ts'
import { leftBytes } from './socket-facts.ts'
import type { FrameSink, TurnQueue, TurnWriter } from './turn-writer.ts'

/** A WebSocket as the hub drives it: what it sends goes out once a turn, and what it does not take waits in the intake. */
export class WebSocketPort implements SessionSocket, FrameSink {
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #intake: Intake
  readonly #queue: TurnQueue

  constructor(options: {
    readonly socket: WebSocket
    /** The connection below it. */
    readonly stream: Duplex
    readonly intake: Intake
    readonly turns: TurnWriter
  }) {
    this.#socket = options.socket
    this.#stream = options.stream
    this.#intake = options.intake
    this.#queue = options.turns.queue(this)
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength + this.#queue.bytes
  }

  get leftBytes(): number {
    return leftBytes(this.#stream)
  }

  send(data: string | Uint8Array): void {
    this.#queue.send(data)
  }

  write(frames: Buffer): void {
    if (this.#socket.readyState === OPEN) this.#stream.write(frames)
  }

  ping(): void {
    if (this.#socket.readyState === OPEN) this.#socket.ping(undefined, undefined, ignore)
  }

  pause(): void {
    this.#intake.pause()
  }

  resume(): void {
    this.#intake.resume()
  }

  close(code: number, reason: string): void {
    this.#queue.flush()
    this.#socket.close(code, reason)
    this.#intake.end({ isRead: code !== CLOSE_CODES.rate.code })
  }

  terminate(): void {
    this.#queue.drop()
    this.#socket.terminate()
  }

  /** The WebSocket is gone: nothing is sent or taken. */
  closed(): void {
    this.#queue.drop()
    this.#intake.end({ isRead: true })
  }
}

function ignore(): void {}

/** `readyState` of an open WebSocket. */
const OPEN = 1
