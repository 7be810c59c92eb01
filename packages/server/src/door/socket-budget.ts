import type { HubLimits } from '../limits/hub-limits.ts'
import { toAddressKey } from './addresses.ts'

/** The rules by which a connection ends before it is a WebSocket. spec H40, H41 */
export const SOCKET_RULES = ['sockets-of-address', 'sockets', 'silent', 'stalled', 'flood'] as const

/** The rule by which a connection ends before it is a WebSocket, for logs and metrics. */
export type SocketRule = (typeof SOCKET_RULES)[number]

/** A connection from its first byte until it is a WebSocket. */
export interface BudgetSocket {
  /** Whether a whole request has come. */
  readonly isAsking: boolean
  /** Whether an answer waits for the client. */
  readonly isWaiting: boolean
  /** How much the client has taken. */
  readonly leftBytes: number
  /** Ends it. */
  destroy(): void
}

/**
 * The connections that are no WebSockets: of each address, and of all, and how long each of them may say or take nothing. One that is too
 * many takes the place of the oldest of the address that has most: so a single address never shuts the hub to others. spec H40, H41
 */
export class SocketBudget {
  readonly #limits: HubLimits
  readonly #onEnded: (rule: SocketRule) => void
  readonly #entryBySocket = new Map<BudgetSocket, Entry>()
  readonly #socketsByKey = new Map<string, Set<BudgetSocket>>()

  constructor(limits: HubLimits, onEnded: (rule: SocketRule) => void) {
    this.#limits = limits
    this.#onEnded = onEnded
  }

  /** How many connections are no WebSockets. */
  get size(): number {
    return this.#entryBySocket.size
  }

  /**
   * Takes a new connection; `false` when it is too many, and is destroyed.
   *
   * @param address left out for one that many share, such as a proxy's
   */
  open(
    socket: BudgetSocket,
    { address, nowMs }: { address: string | undefined; nowMs: number },
  ): boolean {
    const key = address === undefined ? SHARED : toAddressKey(address)
    const ofAddress = this.#socketsByKey.get(key) ?? new Set()
    if (address !== undefined && ofAddress.size >= this.#limits.socketsPerAddress) {
      this.#end(socket, 'sockets-of-address')
      return false
    }
    if (this.size >= this.#limits.sockets) this.#endOldest()
    this.#socketsByKey.set(key, ofAddress.add(socket))
    this.#entryBySocket.set(socket, { key, sinceMs: nowMs, leftBytes: 0 })
    return true
  }

  /** The connection is a WebSocket from here on, or gone. */
  close(socket: BudgetSocket): void {
    const entry = this.#entryBySocket.get(socket)
    if (entry === undefined) return
    this.#entryBySocket.delete(socket)
    const ofAddress = this.#socketsByKey.get(entry.key)
    ofAddress?.delete(socket)
    if (ofAddress?.size === 0) this.#socketsByKey.delete(entry.key)
  }

  /** Ends all connections of an address that are no WebSockets. */
  endAddress(address: string): void {
    for (const socket of this.#socketsByKey.get(toAddressKey(address)) ?? [])
      this.#end(socket, 'flood')
  }

  /** Ends those who have not asked in time, and those who take nothing of their answer. */
  sweep(nowMs: number): void {
    for (const [socket, entry] of this.#entryBySocket) {
      const { isAsking, isWaiting, leftBytes } = socket
      const isMoving = leftBytes !== entry.leftBytes || (isAsking && !isWaiting)
      entry.leftBytes = leftBytes
      if (isMoving) entry.sinceMs = nowMs
      else if (nowMs - entry.sinceMs >= this.#limits.requestDeadlineMs)
        this.#end(socket, isAsking ? 'stalled' : 'silent')
    }
  }

  #endOldest(): void {
    let most: ReadonlySet<BudgetSocket> = new Set()
    for (const sockets of this.#socketsByKey.values()) if (sockets.size > most.size) most = sockets
    const [oldest] = most
    if (oldest !== undefined) this.#end(oldest, 'sockets')
  }

  #end(socket: BudgetSocket, rule: SocketRule): void {
    this.close(socket)
    socket.destroy()
    this.#onEnded(rule)
  }
}

interface Entry {
  readonly key: string
  /** The moment since when nothing happened. */
  sinceMs: number
  leftBytes: number
}

/** The key of connections of which the address tells nothing. */
const SHARED = ''
