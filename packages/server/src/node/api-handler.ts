import type { IncomingMessage, ServerResponse } from 'node:http'
import { API_PATH } from '../api/server-api.ts'
import { securityHeaders } from '../http/http-policy.ts'
import type { Hub } from '../hub.ts'
import { refuse } from './answer.ts'
import { answerApi } from './api-exchange.ts'
import { ProxyChain } from './client-address.ts'
import { hasTwoHosts } from './plain-answer.ts'

/** Where the API of a hub stands on a server of yours. */
export interface ApiHandlerOptions {
  /** Path of the API, which ends with `/api/v1/`: beside the hub. Default: `/api/v1/`. */
  readonly path?: string
  /** Addresses of the reverse proxies whose `X-Forwarded-For` is believed, and ranges such as `10.0.0.0/8`. Default: none. spec H49 */
  readonly trustedProxies?: readonly string[]
}

/** Answers requests of `node:http`, and of Express and its like, where others are given to `next`. */
export type ApiHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
) => void

/**
 * Creates a handler for the requests of the servers of applications to a hub that `attachHub` serves. You must put it before handlers that read
 * the bodies of requests, such as `express.json()`. It bounds bodies, their time, and the requests of an address; connections, and how fast their
 * requests are read, are your server's. spec G70 H67
 *
 * @throws TypeError for a hub without apps, for a path that does not end with `/api/v1/`, and for `trustedProxies` that are no addresses
 */
export function createApiHandler(hub: Hub, options: ApiHandlerOptions = {}): ApiHandler {
  const { path = API_PATH, trustedProxies = [] } = options
  if (hub.api === undefined) throw new TypeError('"hub" expected a hub with apps')
  if (!PATH.test(path)) throw new TypeError('"path" expected a path that ends with /api/v1/')
  const proxies = new ProxyChain(trustedProxies)
  const headers = securityHeaders(hub)
  return (request, response, next) => {
    const { url = '', socket } = request
    if (!url.startsWith(path)) return next === undefined ? refuse(response, 404) : next()
    const forwardedFor = request.headers['x-forwarded-for']?.toString()
    const address = proxies.clientAddress(socket.remoteAddress, forwardedFor)
    if (!hub.admitRequest(address)) {
      // Nothing else ends a connection that goes on, on a server of the application. spec H67
      response.shouldKeepAlive = false
      return refuse(response, 429)
    }
    if (hasTwoHosts(request)) return refuse(response, 400)
    const target = API_PATH + url.slice(path.length)
    return answerApi({ hub, request, response, path: target, headers })
  }
}

const PATH = /^\/(?:[\w.~-]+\/)*api\/v1\/$/
