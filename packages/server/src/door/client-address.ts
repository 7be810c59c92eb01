/** The address of a client, according to the transport and the proxies in front of it. */
export interface RequestPath {
  /** The address of the connection, if it is still known. */
  readonly direct: string | undefined
  /** The value of `X-Forwarded-For`. */
  readonly forwardedFor: string | undefined
  /** Number of reverse proxies in front whose entries are believed. */
  readonly trustedProxies: number
}

/** The address that the limits count: the entry of the outermost trusted proxy, else that of the connection. spec H6 */
export function clientAddress({ direct, forwardedFor, trustedProxies }: RequestPath): string {
  const forwarded = forwardedFor?.split(',') ?? []
  const entry = trustedProxies > 0 ? forwarded.at(-trustedProxies)?.trim() : undefined
  return entry ?? direct ?? 'unknown'
}
