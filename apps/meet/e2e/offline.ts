/**
 * A page whose network can end: that of a person who closes the laptop, or leaves the reach of the network.
 *
 * @module
 */
import type { Page } from './browsers/page.ts'

/** Runs in the page before everything else, so that {@link goOffline} can end its connections later. */
export function mayGoOffline(): void {
  const network = {
    isAway: false,
    sockets: new Set<WebSocket>(),
    peers: new Set<RTCPeerConnection>(),
  }
  Object.assign(globalThis, { network })
  globalThis.WebSocket = new Proxy(WebSocket, {
    construct(target, args: [string]) {
      if (network.isAway) throw new Error('the network is away')
      const socket = new target(...args)
      network.sockets.add(socket)
      return socket
    },
  })
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, args: [RTCConfiguration]) {
      const peer = new target(...args)
      network.peers.add(peer)
      return peer
    },
  })
}

/** Ends the connection to the server and, with `media`, those to the other people. */
export async function goOffline(page: Page, { media }: { readonly media: boolean }): Promise<void> {
  await page.evaluate((withMedia) => {
    const { network } = globalThis as unknown as {
      network: { isAway: boolean; sockets: Set<WebSocket>; peers: Set<RTCPeerConnection> }
    }
    network.isAway = true
    // An own code: the server takes 1000 for a goodbye.
    for (const socket of network.sockets) socket.close(4000)
    network.sockets.clear()
    if (withMedia) for (const peer of network.peers) peer.close()
  }, media)
}

/** The network is back. */
export async function goOnline(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { network } = globalThis as unknown as { network: { isAway: boolean } }
    network.isAway = false
    dispatchEvent(new Event('online'))
  }, null)
}
