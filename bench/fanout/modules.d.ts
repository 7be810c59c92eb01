/**
 * The calls of the measured library that this benchmark makes: it is installed when the benchmark runs, and typed here so that it is checked
 * without it.
 *
 * @module
 */
declare module 'socket.io' {
  import type { Server as HttpServer } from 'node:http'
  interface Socket {
    join(room: string): Promise<void> | void
    to(room: string): { emit(event: string, data: unknown): void }
    on(event: string, handler: (data: unknown) => void): void
  }
  export class Server {
    constructor(
      server: HttpServer,
      options: { readonly transports: readonly string[]; readonly serveClient: boolean },
    )
    on(event: 'connection', handler: (socket: Socket) => void): void
  }
}
