import { networkInterfaces } from 'node:os'

/** The addresses of this machine in its networks, without those that only itself can use. IPv4 first. */
export function localAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outside = all.filter(({ internal, scopeid }) => !internal && (scopeid ?? 0) === 0)
  const ofFamily = (name: string): string[] =>
    outside.filter(({ family }) => family === name).map(({ address }) => address)
  return [...ofFamily('IPv4'), ...ofFamily('IPv6')]
}

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '::1' || hostname.startsWith('127.')
}
