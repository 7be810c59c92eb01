import { checkInteger, checkObject, encodeBase64Url, textToBytes } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { hashBytes, randomBytes } from '@conclave/crypto/verify'
import {
  channelKind,
  isDeviceName,
  isRightList,
  isUserName,
  parseChannelName,
  parseRoomId,
} from '@conclave/wire'
import type { Right } from '@conclave/wire'
import type { AccessRequest, Authorizer, Decision } from './authorizer.ts'
import { isAppId, MAX_GRANT_MS } from './grant.ts'
import type { Grant } from './grant.ts'

/** The rights that a ticket gives to the first connection that shows it. */
export interface TicketOptions {
  /** The id of the application; empty for the program of the hub itself. */
  readonly app: string
  /** A private or presence channel, or the id of a room. */
  readonly channel: string
  readonly rights: readonly Right[]
  /** 1 to 128 printable characters of ASCII without spaces. */
  readonly user: string
  /** 1 to 64 printable characters of ASCII without spaces. */
  readonly device: string
  /** The end of what the ticket opens, in milliseconds of the hub's clock: 24 h from now at most. */
  readonly untilMs: number
}

/** Makes tickets for single use. */
export interface TicketMint {
  /**
   * Makes a ticket, which must be shown within five minutes, and before `untilMs`. Answers `undefined` when as many as the hub keeps wait to be shown. You must
   * give it to the one client that it is for, and to nobody else. spec G47
   *
   * @throws TypeError, RangeError for options that are none
   */
  mint(ticket: TicketOptions): Promise<string | undefined>
}

/** Tickets that wait to be shown: the hub knows their hashes only, and takes each of them once. spec G47 */
export class Tickets implements Authorizer, TicketMint {
  readonly #clock: Pick<Clock, 'now'>
  readonly #maxTickets: number
  readonly #entries = new Map<string, Entry>()

  constructor({
    clock,
    maxTickets = MAX_TICKETS,
  }: {
    readonly clock: Pick<Clock, 'now'>
    readonly maxTickets?: number
  }) {
    this.#clock = clock
    this.#maxTickets = maxTickets
  }

  async mint(ticket: TicketOptions): Promise<string | undefined> {
    const nowMs = this.#clock.now()
    const entry = readTicket(ticket, nowMs)
    const text = `${PREFIX}${encodeBase64Url(randomBytes(TICKET_BYTES))}`
    const key = await keyOf(text)
    if (!this.#hasPlace(nowMs)) return undefined
    this.#entries.set(key, entry)
    return text
  }

  decide(request: AccessRequest): Decision | Promise<Decision> {
    const { token } = request
    if (token?.startsWith(PREFIX) !== true) return { type: 'pass' }
    return TICKET.test(token) ? this.#take(token, request) : DENIED
  }

  async #take(token: string, { kind, channel }: AccessRequest): Promise<Decision> {
    const key = await keyOf(token)
    const entry = this.#entries.get(key)
    // Nothing comes between: two connections that show it at once do not both get it.
    this.#entries.delete(key)
    if (entry?.channel !== channel || entry.kind !== kind) return DENIED
    return entry.shownBeforeMs > this.#clock.now()
      ? { type: 'granted', grant: entry.grant }
      : DENIED
  }

  #hasPlace(nowMs: number): boolean {
    if (this.#entries.size < this.#maxTickets) return true
    for (const [key, { shownBeforeMs }] of this.#entries)
      if (shownBeforeMs <= nowMs) this.#entries.delete(key)
    return this.#entries.size < this.#maxTickets
  }
}

interface Entry {
  /** The id of a room may look like the name of a channel. */
  readonly kind: AccessRequest['kind']
  readonly channel: string
  readonly grant: Grant
  readonly shownBeforeMs: number
}

function readTicket(ticket: TicketOptions, nowMs: number): Entry {
  checkObject('ticket', ticket)
  const { app, channel, rights, user, device, untilMs } = ticket
  const name = parseChannelName(channel)
  for (const [option, isRight] of Object.entries({
    app: isAppId(app),
    channel: name !== undefined || parseRoomId(channel) !== undefined,
    rights: isRightList(1, rights),
    user: isUserName(user),
    device: isDeviceName(device),
  })) {
    if (!isRight) throw new TypeError(`"${option}" expected one that a ticket can have`)
  }
  checkInteger('untilMs', Math.floor(untilMs), { min: 0, max: Math.ceil(nowMs + MAX_GRANT_MS) })
  return {
    kind: name === undefined ? 'room' : channelKind(name),
    channel,
    grant: { app, rights: new Set(rights), user, device, issuedMs: nowMs, untilMs },
    shownBeforeMs: Math.min(untilMs, nowMs + MAX_WAIT_MS),
  }
}

const keyOf = async (text: string): Promise<string> =>
  encodeBase64Url(await hashBytes(textToBytes(text)))

const DENIED: Decision = { type: 'denied' }
const PREFIX = 't.'
const TICKET = /^t\.[\w-]{43}$/
const TICKET_BYTES = 32
/** Tickets that wait to be shown. spec G47 */
export const MAX_TICKETS = 32_768
/** Time in which a ticket must be shown. spec G47 */
const MAX_WAIT_MS = 300_000
