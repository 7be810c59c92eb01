/**
 * One library that connects two pages.
 *
 * @module
 */

/** The servers that the benchmark runs on loopback. */
export interface Servers {
  /** The bus, as a WebSocket address. */
  readonly relay: string
  /** The port of the PeerServer. */
  readonly peerServer: number
}

/** A room in which two pages meet, and the library's own way to do so. */
export interface Place extends Servers {
  readonly room: string
  /** The secret of the room, for libraries that take one. */
  readonly secret: string
}

/** Called when the library says that it is connected, and for the first message of the other side. */
export interface Moments {
  connected(): void
  message(text: string): void
}

/** Both sides of a library: each answers with how it leaves. */
export interface Contestant {
  /** Waits for somebody, and sends them {@link GREETING} when they are connected. */
  host(place: Place): Promise<() => unknown>
  /** Comes to the one who waits. */
  join(place: Place, moments: Moments): Promise<() => unknown>
}

/** The first message. */
export const GREETING = 'hello'
