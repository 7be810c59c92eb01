/**
 * The calls of the measured libraries that this benchmark makes: they are installed when it runs, and typed here so that it is checked
 * without them.
 *
 * @module
 */
declare module 'simple-peer/simplepeer.min.js' {
  export default class Peer {
    constructor(options: { readonly initiator?: boolean; readonly config: RTCConfiguration })
    signal(signal: unknown): void
    send(text: string): void
    destroy(): void
    on(type: 'connect', handler: () => void): void
    on(type: 'signal' | 'data', handler: (value: unknown) => void): void
  }
}

declare module 'p2p/dist/p2p.esm.js' {
  type Handler = (message: unknown) => void
  interface Options {
    readonly driver: {
      subscribe(namespace: readonly string[], handler: Handler): Promise<void>
      unsubscribe(namespace: readonly string[], handler: Handler): Promise<void>
      publish(namespace: readonly string[], message: unknown): Promise<void>
    }
    readonly iceServers: readonly RTCIceServer[]
  }
  interface Detail {
    readonly channel: RTCDataChannel
    readonly data: unknown
  }
  class Side {
    constructor(options: Options)
    start(options: { readonly room: string; readonly channels?: object }): Promise<void>
    stop(): void
    addEventListener(type: string, handler: (event: { readonly detail: Detail }) => void): void
  }
  export { Side as Receiver, Side as Sender }
}

declare module '@trystero-p2p/core' {
  interface Strategy<Relay> {
    init(config: Config): Relay
    subscribeTopic(
      relay: Relay,
      topic: string,
      onMessage: (topic: string, message: string) => unknown,
    ): Promise<() => void>
    publishTopic(relay: Relay, topic: string, message: unknown): Promise<void>
  }
  interface Config {
    readonly appId: string
    readonly password: string
    readonly relayUrl: string
    readonly rtcConfig: RTCConfiguration
  }
  interface Action {
    send(value: string, options: { readonly target: string }): Promise<void>
    onMessage: ((value: unknown) => void) | null
  }
  interface Room {
    makeAction(name: string): Action
    onPeerJoin: ((peer: string) => void) | null
    leave(): Promise<void>
  }
  export function createTopicStrategy<Relay>(
    strategy: Strategy<Relay>,
  ): (config: Config, room: string) => Room
}

declare module 'peerjs' {
  interface Connection {
    send(text: string): void
    on(type: 'open', handler: () => void): void
    on(type: 'data', handler: (data: unknown) => void): void
  }
  export class Peer {
    constructor(id: string, options: object)
    constructor(options: object)
    connect(id: string, options: { readonly reliable: boolean }): Connection
    destroy(): void
    on(type: 'open', handler: (id: string) => void): void
    on(type: 'connection', handler: (connection: Connection) => void): void
  }
}

declare module 'peer' {
  import type { Server } from 'node:http'
  export function PeerServer(
    options: { readonly host: string; readonly port: number; readonly path: string },
    listening: (server: Server) => void,
  ): void
}
