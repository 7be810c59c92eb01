import type { WebSocket } from 'ws'
import type { HubConnection } from '../session/session-socket.ts'

/**
 * Holds what a WebSocket read and the hub has not taken: while the hub does not want more, the socket is not read, so that at most one
 * piece of what the network brought waits here. spec H39
 */
export class Intake {
  readonly #socket: Pick<WebSocket, 'pause' | 'resume'>
  readonly #waiting: (string | Uint8Array)[] = []
  #connection: HubConnection | undefined
  #isPaused = false

  constructor(socket: Pick<WebSocket, 'pause' | 'resume'>) {
    this.#socket = socket
  }

  /** Names the connection that takes what comes. */
  connect(connection: HubConnection): void {
    this.#connection = connection
  }

  /** Takes a message that was read. */
  push(data: string | Uint8Array): void {
    if (this.#isPaused || this.#waiting.length > 0) this.#waiting.push(data)
    else void this.#connection?.receive(data)
  }

  /** The hub wants no more for now. */
  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  /** The hub takes what waits, and then what the network brings. */
  resume(): void {
    this.#isPaused = false
    while (!this.#isPaused) {
      const data = this.#waiting.shift()
      if (data === undefined) return this.#socket.resume()
      void this.#connection?.receive(data)
    }
  }

  /** Forgets what waits, and reads only for the end of the connection. */
  end(): void {
    this.#waiting.length = 0
    this.#isPaused = false
    this.#socket.resume()
  }
}
