import { RateLimiter } from '@conclave/base'
import type { HubLimits } from '../limits/hub-limits.ts'

/** Whether an address may try to connect now. */
export type AddressVerdict = 'ok' | 'too-many-attempts' | 'too-many-addresses'

/** Counts attempts and connections of each address, in memory and bounded. spec H6 */
export class AddressTable {
  readonly #limits: HubLimits
  readonly #entryByKey = new Map<string, Entry>()
  #sweptMs = -Infinity

  constructor(limits: HubLimits) {
    this.#limits = limits
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#entryByKey.size
  }

  /** Counts an attempt to connect. */
  countAttempt(address: string, nowMs: number): AddressVerdict {
    const entry = this.#entry(address, nowMs)
    if (entry === undefined) return 'too-many-addresses'
    return entry.attempts.take(nowMs) ? 'ok' : 'too-many-attempts'
  }

  /** Counts a request for a file and the like; `false` when there are too many. spec H40 */
  countRequest(address: string, nowMs: number): boolean {
    return this.#entry(address, nowMs)?.requests.take(nowMs) === true
  }

  /** Whether an address may have one more connection. */
  mayConnect(address: string): boolean {
    const connections = this.#entryByKey.get(toAddressKey(address))?.connections ?? 0
    return connections < this.#limits.connectionsPerAddress
  }

  /** Counts a connection after an attempt that was `ok`. You must call the returned function once, when it is gone. */
  countConnection(address: string): () => void {
    const entry = this.#entryByKey.get(toAddressKey(address))
    if (entry === undefined) return () => {}
    entry.connections += 1
    return () => {
      entry.connections -= 1
    }
  }

  #entry(address: string, nowMs: number): Entry | undefined {
    const { attemptsPerSecond, attemptBurst, addresses } = this.#limits
    const { requestsPerSecond, requestBurst } = this.#limits
    const key = toAddressKey(address)
    const known = this.#entryByKey.get(key)
    if (known !== undefined) return known
    if (this.#entryByKey.size >= addresses) this.#sweep(nowMs)
    if (this.#entryByKey.size >= addresses) return undefined
    const attempts = new RateLimiter({ perSecond: attemptsPerSecond, burst: attemptBurst })
    const requests = new RateLimiter({ perSecond: requestsPerSecond, burst: requestBurst })
    const entry = { attempts, requests, connections: 0 }
    this.#entryByKey.set(key, entry)
    return entry
  }

  /** Forgets addresses without connections or recent attempts; at most once a second, because it visits all. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_INTERVAL_MS) return
    this.#sweptMs = nowMs
    for (const [key, { attempts, requests, connections }] of this.#entryByKey) {
      const isIdle = attempts.isIdle(nowMs) && requests.isIdle(nowMs)
      if (connections === 0 && isIdle) this.#entryByKey.delete(key)
    }
  }
}

/**
 * The part of an address that limits count: an IPv4 address, or the first 64 bits of an IPv6 address, because one
 * customer usually has a whole /64.
 */
export function toAddressKey(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!bare.includes(':')) return bare
  const [head = '', tail] = bare.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

interface Entry {
  readonly attempts: RateLimiter
  readonly requests: RateLimiter
  connections: number
}

const SWEEP_INTERVAL_MS = 1000
