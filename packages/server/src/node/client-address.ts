import { BlockList, isIP } from 'node:net'

/** The address of a client, according to its connection and to the proxies in front, which an operator names by their addresses. */
export class ProxyChain {
  readonly #proxies = new BlockList()

  /**
   * @param ranges addresses, and ranges such as `10.0.0.0/8`
   * @throws TypeError for a text that is neither
   */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', prefix] = range.split('/')
      const version = isIP(address)
      const bits = version === 6 ? 128 : 32
      const length = prefix === undefined ? bits : Number(prefix)
      if (version === 0 || !Number.isInteger(length) || length < 0 || length > bits)
        throw new TypeError(`"trustedProxies" expected addresses such as 10.0.0.0/8, got ${range}`)
      this.#proxies.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
    }
  }

  /** Whether an address is that of a proxy that is named. */
  has(address: string): boolean {
    const version = isIP(address)
    return version !== 0 && this.#proxies.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }

  /**
   * The address that the limits count: the nearest one that is not that of a named proxy. Nothing before it is believed, because the
   * client may have written that; an entry that is no address ends the search at the proxy that wrote it. spec H49
   */
  clientAddress(direct: string | undefined, forwardedFor: string | undefined): string {
    let address = toAddress(direct ?? '') ?? 'unknown'
    const entries = forwardedFor?.split(',').slice(-MAX_ENTRIES) ?? []
    while (this.has(address)) {
      const entry = toAddress(entries.pop() ?? '')
      if (entry === undefined) return address
      address = entry
    }
    return address
  }
}

/** An address without port and zone, which some proxies write beside it, and without what IPv6 adds to IPv4; `undefined` for anything else. */
function toAddress(text: string): string | undefined {
  const [, v6, v4] = /^\s*(?:\[([\da-f:.]+)\](?::\d+)?|([\d.]+):\d+)\s*$/i.exec(text) ?? []
  const address = (v6 ?? v4 ?? text).trim().replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) === 0 ? undefined : address.replace(/%.*$/, '')
}

/** More proxies in a row than these have no meaning. */
const MAX_ENTRIES = 32
