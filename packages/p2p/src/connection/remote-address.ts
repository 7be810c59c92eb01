/**
 * The places to which another side may point this one. A candidate makes a browser send packets: without bounds a member
 * could have somebody else's browser knock at every door of its network.
 *
 * @module
 */
import { RateLimiter } from '@conclave/base'

/**
 * The address and the port that a candidate names, `undefined` if media is not sent there: only UDP, only ports from 1024 on, and only
 * addresses that need no name server, which are numbers and the random names of browsers. spec S116
 */
export function endpointOf(
  candidate: string,
): readonly [address: string, port: string] | undefined {
  const [, address = '', port = ''] = CANDIDATE.exec(candidate) ?? []
  return +port < 1024 || +port > 65_535 || NOBODY.test(address)
    ? undefined
    : [address.toLowerCase(), port]
}

/** The places that one peer may name, in all its connections together. spec S116 */
export class AddressBudget {
  readonly #limiter = new RateLimiter({ burst: 600, perSecond: 2.5 })
  #known = new Set<string>()

  /** Whether it may name this place now. One that it named before costs nothing, unless that was long ago. */
  take([address, port]: readonly [address: string, port: string], nowMs: number): boolean {
    const place = `${address} ${port}`
    if (this.#known.has(place)) return true
    if (this.#known.size > MAX_KNOWN) this.#known = new Set()
    if (!this.#limiter.take(nowMs, this.#known.has(address) ? 1 : ADDRESS_COST)) return false
    this.#known.add(address).add(place)
    return true
  }
}

/** A new address costs as much as so many new ports of a known one. */
const ADDRESS_COST = 20
const MAX_KNOWN = 1024

/** RFC 8839 §5.1: foundation, component, transport, priority, address, port. A name is one of RFC 8828, which multicast resolves. */
const CANDIDATE =
  /^candidate:\S+ \d+ udp \d+ ((?:\d{1,3}\.){3}\d{1,3}|[\da-f.]*:[\da-f:.]*|[\da-f-]{36}\.local) ([1-9]\d*) typ /i
/** This host, broadcast, and multicast. */
const NOBODY = /^(?:0\.|22[4-9]\.|2[345]\d\.|ff|::$)/i
