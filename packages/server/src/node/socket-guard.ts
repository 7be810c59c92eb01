import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '@conclave/base'
import { toAddressKey } from '../door/addresses.ts'
import { SocketBudget } from '../door/socket-budget.ts'
import type { BudgetSocket } from '../door/socket-budget.ts'
import type { Hub } from '../hub.ts'
import type { ProxyChain } from './client-address.ts'
import { isWaiting, leftBytes } from './socket-facts.ts'

/** Keeps the connections of a server within the budget of those that are no WebSockets, from their first byte. spec H40, H41 */
export class SocketGuard {
  readonly #budget: SocketBudget
  readonly #guardedByPeer = new Map<string, Guarded>()
  /** Addresses that flooded, at most as many as ask in a second. */
  readonly #punishedUntilMs = new Map<string, number>()
  readonly #proxies: ProxyChain
  readonly #clock: Clock
  readonly #timer: NodeJS.Timeout

  constructor({
    server,
    hub,
    proxies,
    clock,
  }: {
    readonly server: Server
    readonly hub: Hub
    readonly proxies: ProxyChain
    readonly clock: Clock
  }) {
    this.#proxies = proxies
    this.#clock = clock
    this.#budget = new SocketBudget(hub.limits, (rule) => hub.log({ event: 'socketEnded', rule }))
    server.on('connection', (socket: Socket) => {
      const { remoteAddress: address } = socket
      if (address !== undefined && this.#isPunished(address, clock.now())) {
        hub.log({ event: 'socketEnded', rule: 'flood' })
        return void socket.resetAndDestroy()
      }
      const guarded = new Guarded(socket)
      const isOwn = address === undefined || proxies.has(address)
      const taken = { address: isOwn ? undefined : address, nowMs: clock.now() }
      if (!this.#budget.open(guarded, taken)) return
      const peer = peerOf(socket)
      this.#guardedByPeer.set(peer, guarded)
      guarded.onClose = () => {
        this.#budget.close(guarded)
        if (this.#guardedByPeer.get(peer) === guarded) this.#guardedByPeer.delete(peer)
      }
      socket.once('close', guarded.onClose)
    })
    server.on('request', ({ socket }: IncomingMessage) => {
      const guarded = this.#guardedByPeer.get(peerOf(socket))
      if (guarded !== undefined) guarded.isAsking = true
    })
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  /**
   * A connection asks although it was told to wait. One that goes on so, as with requests that come before their answers, ends, with all others of
   * its address that are no WebSockets, and for a second the address gets no other: else each would be read once.
   */
  excess(socket: Socket): void {
    const guarded = this.#guardedByPeer.get(peerOf(socket))
    const { remoteAddress: address } = socket
    if (guarded === undefined || address === undefined) return
    guarded.excess += 1
    if (guarded.excess < MOST_EXCESS || this.#proxies.has(address)) return
    this.#punishedUntilMs.set(toAddressKey(address), this.#clock.now() + PUNISHED_MS)
    this.#budget.endAddress(address)
  }

  /** A connection is a WebSocket from here on: nothing of it is kept here. */
  upgraded(socket: Socket): void {
    this.#guardedByPeer.get(peerOf(socket))?.release()
  }

  #isPunished(address: string, nowMs: number): boolean {
    if (this.#punishedUntilMs.size === 0) return false
    return (this.#punishedUntilMs.get(toAddressKey(address)) ?? 0) > nowMs
  }

  #sweep(): void {
    const nowMs = this.#clock.now()
    this.#budget.sweep(nowMs)
    for (const [key, untilMs] of this.#punishedUntilMs)
      if (untilMs <= nowMs) this.#punishedUntilMs.delete(key)
  }

  /** Stops looking. */
  stop(): void {
    clearInterval(this.#timer)
  }
}

class Guarded implements BudgetSocket {
  readonly #socket: Socket
  isAsking = false
  /** Requests beyond those that its address may make. */
  excess = 0
  /** Ends the watch over it. */
  onClose = (): void => {}

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Watches it no longer. */
  release(): void {
    this.#socket.off('close', this.onClose)
    this.onClose()
  }

  get isWaiting(): boolean {
    return isWaiting(this.#socket)
  }

  get leftBytes(): number {
    return leftBytes(this.#socket)
  }

  destroy(): void {
    this.#socket.resetAndDestroy()
  }
}

/** With TLS a request has another socket than its connection, with the same peer. */
const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

const SWEEP_MS = 1000
const MOST_EXCESS = 8
const PUNISHED_MS = 1000
