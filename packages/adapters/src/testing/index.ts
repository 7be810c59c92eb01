/**
 * A server of Pusher's protocol 7 for tests and examples, on this machine only: signatures, the rules of channels, client
 * events, the signed HTTP API. It records everything that it receives. Needs Node and the `ws` library.
 *
 * @module
 */
export type {
  ChannelAuthorization,
  PusherServer,
  PusherServerOptions,
  ServerSocketLike,
  WebSocketServerLike,
} from './pusher-server.ts'
export { startPusherServer } from './pusher-server.ts'
