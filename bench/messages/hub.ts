/**
 * A real hub behind a relay for each session, which dies and comes back.
 *
 * @module
 */
import { createHub, createMemoryEngine } from '@conclave/server'
import { type Served, serve } from '@conclave/server/node'
import { type Cut, Relay } from './relay.ts'

/** A hub with its default limits. */
export class MortalHub {
  readonly relays: readonly Relay[]
  readonly #origin: string
  #served: Served | undefined
  #ends: Promise<unknown>[] = []

  private constructor(relays: readonly Relay[], origin: string) {
    this.relays = relays
    this.#origin = origin
  }

  /** @param options.origin the origin of the pages that use it */
  static async start({
    sessions,
    origin,
  }: {
    sessions: number
    origin: string
  }): Promise<MortalHub> {
    const relays = await Promise.all(Array.from({ length: sessions }, () => Relay.listen()))
    const hub = new MortalHub(relays, origin)
    await hub.restart()
    return hub
  }

  /** The addresses of the hub, one for each session. */
  get urls(): readonly string[] {
    return this.relays.map(({ port }) => `ws://127.0.0.1:${port}/hub`)
  }

  /** The hub dies with all that it knows and has on its way, and another one takes its place. */
  async restart(): Promise<void> {
    const before = this.#served
    this.#served = await serve({
      port: 0,
      hub: () =>
        createHub({
          engine: createMemoryEngine(),
          origins: [this.#origin],
          hosts: this.relays.map(({ port }) => `127.0.0.1:${port}`),
          allowNonBrowser: true,
        }),
    })
    for (const relay of this.relays) {
      relay.target = this.#served.port
      if (before !== undefined) relay.cut('closed')
    }
    if (before !== undefined) this.#ends.push(before.close())
  }

  /** Cuts the connection of one session, of all, or kills the hub; resolves to what it did. */
  async kill(random: () => number): Promise<string> {
    const chance = random()
    const relay = this.relays[Math.floor(random() * this.relays.length)]
    if (chance < 0.2) {
      await this.restart()
      return 'hub died'
    }
    if (chance < 0.35) {
      for (const each of this.relays) each.cut('closed')
      return 'all connections closed'
    }
    const cut: Cut = chance < 0.7 ? 'closed' : chance < 0.85 ? 'silent' : 'deaf'
    relay?.cut(cut)
    return `connection ${cut}`
  }

  async close(): Promise<void> {
    for (const relay of this.relays) await relay.close()
    await Promise.all([...this.#ends, this.#served?.close()])
  }
}
