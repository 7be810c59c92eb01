import {
  checkFunction,
  checkInteger,
  checkObject,
  checkString,
  checkText,
  concatBytes,
  copyBytes,
  encodeBase64Url,
  systemClock,
  textToBytes,
  timeOfDay,
  withLength,
} from '@conclave/base'
import type { Clock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import {
  bytesToMessageId,
  MAX_LISTED_MEMBERS,
  MAX_PAYLOAD_BYTES,
  parseMessageId,
} from '@conclave/wire'
import type { ChannelMember, MessageId } from '@conclave/wire'
import { AccessKey } from './access-key.ts'
import type { AccessKeySecret } from './access-key.ts'
import { decodeDone, decodeMemberPage, decodeTicket } from './answers.ts'
import type { Ticket } from './answers.ts'
import { checkName, readCapability, readOfUser, readTicket } from './access-options.ts'
import type { CapabilityOptions, OfUser, TicketOptions } from './access-options.ts'
import { HubRequests } from './hub-requests.ts'

/** The hub, and the access key of an app there. */
export interface ServerClientOptions {
  /** The address of the app or the hub, such as `https://meet.example` or `https://team.example/realtime/`: `hub` and `api/` stand below it. */
  readonly hub: string | URL
  /** The hub's name as pages know it, such as `meet.example`, where `hub` is an address behind its proxy. Default: that of `hub`. */
  readonly host?: string
  /** The app's id in the configuration of the hub. */
  readonly app: string
  /** The id of the access key there. */
  readonly keyId: string
  readonly key: AccessKeySecret
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** Default: the system's. */
  readonly clock?: Clock
}

/** The options of a call that asks the hub. */
export interface CallOptions {
  /** Ends the call, which rejects with the signal's reason. It is unknown then whether the hub did it. */
  readonly signal?: AbortSignal
}

/** The options of a message. */
export interface SendOptions extends CallOptions {
  /**
   * The name beside the sealed event, which the hub sees. Default: `sealed`, as for events that hide their name (`hideEventName`), which is what channels of
   * `@conclave/client/channels` expect.
   */
  readonly eventName?: string
}

/** A capability, for the one connection whose nonce it names. */
export interface Capability {
  /** Give it to the client. */
  readonly token: string
  /** Keep it where you may want to revoke this token and no other. */
  readonly tokenId: string
}

/** A token of which the hub accepts nothing from now on. */
export interface OfToken {
  /** The `tokenId` of a capability. */
  readonly tokenId: string
  /** When the token runs out by itself, or later: up to 24 h. */
  readonly expiresInMs: number
}

/**
 * The server of an application at a hub. Everything rejects with `ServerClientError`: `ERR_SERVER_CLIENT_UNAUTHORIZED`, `ERR_SERVER_CLIENT_REFUSED`,
 * `ERR_SERVER_CLIENT_RATE`, `ERR_SERVER_CLIENT_UNAVAILABLE`, `ERR_SERVER_CLIENT_ANSWER`, and with `TypeError` and `RangeError` for wrong arguments. A request
 * that gets no answer is repeated up to three times. spec G84
 */
export interface ServerClient {
  /**
   * Sends sealed bytes, of `sealEventBinary` of `@conclave/e2ee`, to all subscribers of a channel, once however often it is said with the same id.
   * Resolves when the hub has given it its place in the order. The hub keeps nothing for those who are not subscribed. Bytes that are not sealed the hub
   * reads, and its subscribers drop. spec G77
   */
  publish(
    channel: string,
    envelope: Uint8Array,
    options?: SendOptions & { readonly id?: MessageId },
  ): Promise<void>
  /** Sends sealed bytes that may be lost, such as that somebody types: without a place in the order, and never repeated. spec G77 */
  publishSignal(channel: string, envelope: Uint8Array, options?: SendOptions): Promise<void>
  /** The members of a presence channel, page by page. One who comes or goes meanwhile may be in it or not. spec G78 */
  members(channel: string, options?: CallOptions): AsyncIterable<ChannelMember>
  /** Makes a ticket, which one connection shows in place of a capability, once. spec G79 */
  mintTicket(ticket: TicketOptions, options?: CallOptions): Promise<Ticket>
  /** Makes a capability for one connection, which asks the application's server for it with its nonce. Asks nobody. spec G85 @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
  mintCapability(capability: CapabilityOptions): Promise<Capability>
  /** Ends what a user was granted before now, in one channel or in all; or what a token opens. spec G79 */
  revoke(what: OfUser | OfToken, options?: CallOptions): Promise<void>
  /** Ends the subscriptions of a user, who may come again at once. spec G79 */
  kick(who: OfUser, options?: CallOptions): Promise<void>
  /** Ends the subscriptions of a user, and grants nothing to it for so long: up to ten years. spec G79 */
  ban(who: OfUser & { readonly forMs: number }, options?: CallOptions): Promise<void>
  /** Lifts a ban, of the same channel or of all. spec G79 */
  unban(who: OfUser, options?: CallOptions): Promise<void>
}

/**
 * Creates the client with which the server of an application uses a hub, in Node, Deno and Bun. You must keep it, and the access key, out of pages: whoever has
 * the key decides who gets into the app's channels.
 *
 * Calls reject with CryptoError `ERR_CRYPTO_UNSUPPORTED` where the platform lacks WebCrypto.
 *
 * @throws TypeError for wrong arguments, and for an address without TLS that leads to another machine
 */
export function createServerClient(options: ServerClientOptions): ServerClient {
  checkObject('options', options)
  const { app, keyId, fetch = globalThis.fetch, clock = systemClock } = options
  checkFunction('fetch', fetch)
  const key = new AccessKey({ app, keyId, key: options.key })
  const base = readAddress(options.hub)
  const now = clock === systemClock ? timeOfDay : () => clock.now()
  const { host = base.host } = options
  checkString('host', host)
  const requests = new HubRequests({ base, host, key, fetch, clock, timeOfDay: now })

  const ask = async <T>(request: {
    readonly operation: string
    readonly body: object
    readonly decode: (bytes: Uint8Array) => T | undefined
    readonly options: CallOptions | undefined
    readonly isRepeatable?: boolean
  }): Promise<T> => {
    const { operation, body, decode, isRepeatable = true } = request
    return requests.send({ operation, body, decode, isRepeatable, signal: request.options?.signal })
  }
  const tell = async (
    operation: string,
    body: object,
    more: CallOptions | undefined,
  ): Promise<void> => {
    await ask({ operation, body, decode: decodeDone, options: more })
  }

  return {
    async publish(channel, envelope, more) {
      const id = readId(more?.id)
      const body = { ...readMessage(channel, envelope, more), id, type: 'message' }
      await tell('publish', body, more)
    },
    async publishSignal(channel, envelope, more) {
      const id = randomMessageId()
      const body = { ...readMessage(channel, envelope, more), id, type: 'signal' }
      const decode = decodeDone
      await ask({ operation: 'publish', body, decode, options: more, isRepeatable: false })
    },
    async *members(channel, more) {
      const name = checkName(channel)
      let after = ''
      do {
        const body = { channel: name, after, limit: MAX_LISTED_MEMBERS }
        const page = await ask({
          ...{ operation: 'members', body, options: more },
          decode: (bytes) => {
            const decoded = decodeMemberPage(bytes)
            // The hub's order is that of the ids.
            const isLater = decoded?.next === '' || (decoded?.next ?? '') > after
            return isLater ? decoded : undefined
          },
        })
        yield* page.members
        after = page.next
      } while (after !== '')
    },
    mintTicket: async (ticket, more) =>
      ask({ operation: 'ticket', body: readTicket(ticket), decode: decodeTicket, options: more }),
    async mintCapability(capability) {
      const tokenId = encodeBase64Url(randomBytes(16))
      const given = { host, jti: tokenId, nowMs: now() }
      const token = await key.sign('capability', readCapability(capability, given))
      return { token, tokenId }
    },
    revoke: async (what, more) => tell('revoke', readRevocation(what), more),
    kick: async (who, more) => tell('kick', readOfUser(who), more),
    ban: async (who, more) => {
      const body = readOfUser(who)
      const forMs = checkInteger('forMs', who.forMs, { min: 1, max: MAX_BAN_MS })
      await tell('ban', { ...body, forMs }, more)
    },
    unban: async (who, more) => tell('unban', readOfUser(who), more),
  }
}

function readAddress(hub: string | URL): URL {
  const text = String(hub)
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal(url.hostname))
  const isPlain =
    url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (url === undefined || !isSafe || !isPlain) {
    throw new TypeError('"hub" expected an address with https, such as https://meet.example')
  }
  const path = url.pathname.replace(/(?<=\/)hub$/, '')
  return new URL(`${path.endsWith('/') ? path : `${path}/`}api/v1/`, url)
}

const isLocal = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

/** The payload is a binary frame of adapters.md, T41. spec G97 */
function readMessage(
  channel: string,
  envelope: Uint8Array,
  { eventName = HIDDEN_NAME }: SendOptions = {},
): object {
  const name = checkName(channel)
  checkText('eventName', eventName, { min: 1, max: MAX_NAME_BYTES })
  const bytes = copyBytes('envelope', envelope)
  const frame = concatBytes([FRAME_FORMAT], withLength(textToBytes(eventName)), bytes)
  const most = MAX_PAYLOAD_BYTES - (frame.length - bytes.length)
  if (bytes.length === 0 || bytes.length > most)
    throw new RangeError(`"envelope" expected 1 to ${most} bytes, got ${bytes.length}`)
  return { channel: name, payload: encodeBase64Url(frame) }
}

function readId(id: string | undefined): MessageId {
  if (id === undefined) return randomMessageId()
  const parsed = parseMessageId(id)
  if (parsed === undefined || /^A+$/.test(parsed))
    throw new TypeError('"id" expected the base64url of 16 bytes that are not all zero')
  return parsed
}

const randomMessageId = (): MessageId => {
  const id = bytesToMessageId(randomBytes(16))
  if (id === undefined) throw new Error('unreachable: 16 bytes are an id')
  return id
}

function readRevocation(what: OfUser | OfToken): object {
  checkObject('what', what)
  if (!('tokenId' in what)) return readOfUser(what)
  const { tokenId: token, expiresInMs } = what
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(token))
    throw new TypeError('"tokenId" expected the id of a token')
  return {
    token,
    expiresInMs: checkInteger('expiresInMs', expiresInMs, { min: 1, max: MAX_GRANT_MS }),
  }
}

const HIDDEN_NAME = 'sealed'
const MAX_NAME_BYTES = 1024
const FRAME_FORMAT = 1
const MAX_GRANT_MS = 86_400_000
const MAX_BAN_MS = 315_360_000_000
