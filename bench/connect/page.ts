/**
 * A page of one of the two sides: connects with a library, and measures from the start to the moments that matter.
 *
 * @module
 */
import type { Contestant, Place } from './contestants/contestant.ts'
import { ours } from './contestants/ours.ts'
import { p2p } from './contestants/p2p.ts'
import { peerjs } from './contestants/peerjs.ts'
import { simplePeer } from './contestants/simple-peer.ts'
import { trystero } from './contestants/trystero.ts'

const contestants = { ours, p2p, trystero, peerjs, 'simple-peer': simplePeer } satisfies Record<
  string,
  Contestant
>

/** The libraries, by their names in the table. */
export type ContestantName = keyof typeof contestants

/** Milliseconds from the start. */
export interface Times {
  readonly connectedMs: number
  readonly messageMs: number
}

/** The functions that the runner calls. */
export interface ConnectPage {
  host(name: ContestantName, place: Place): Promise<void>
  join(name: ContestantName, place: Place): Promise<Times>
  leave(): Promise<void>
}

declare global {
  interface Window {
    connectBench: ConnectPage
  }
}

let end: (() => unknown) | undefined

window.connectBench = {
  async host(name, place) {
    end = await contestants[name].host(place)
  },
  async join(name, place) {
    const startedAt = performance.now()
    const since = (): number => performance.now() - startedAt
    const connected = Promise.withResolvers<number>()
    const message = Promise.withResolvers<number>()
    end = await contestants[name].join(place, {
      connected: () => connected.resolve(since()),
      message: () => message.resolve(since()),
    })
    const [connectedMs, messageMs] = await Promise.all([connected.promise, message.promise])
    return { connectedMs, messageMs }
  },
  async leave() {
    await end?.()
    end = undefined
  },
}
