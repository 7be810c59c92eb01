/** A bus that does anything that one can, and rooms over it. */
import { createRandom, VirtualClock } from '@conclave/base/testing'
import { SharedKeySource } from '@conclave/e2ee'
import { MemoryNetwork } from '@conclave/p2p/testing'
import type { Driver } from '@conclave/p2p'
import type { RoomId } from '@conclave/wire'
import { Room, driverTransport } from '../../src/index.ts'
import type { RoomOptions } from '../../src/index.ts'

export const ROOM = 'AAECAwQFBgcICQoLDA0ODw' as RoomId
export const OTHER_ROOM = 'DwECAwQFBgcICQoLDA0ODw' as RoomId
export const ROOT: Uint8Array<ArrayBuffer> = new Uint8Array(32).fill(7)

/** A network whose bus loses, repeats and holds back what these shares say, by chance that repeats. */
export function hostileBus(seed: number, shares: { lost: number; twice: number; late: number }) {
  const random = createRandom(seed)
  const network = new MemoryNetwork(() => {
    const chance = random()
    if (chance < shares.lost) return 'drop'
    if (chance < shares.lost + shares.twice) return 'duplicate'
    return chance < shares.lost + shares.twice + shares.late ? 'hold' : 'deliver'
  })
  /** Delivers a part of what is late, in any order. */
  const release = (): void => {
    const count = Math.floor(random() * (network.pending.length + 1))
    for (let n = 0; n < count; n += 1) {
      network.deliver(Math.floor(random() * network.pending.length))
    }
  }
  return { network, release }
}

/** Rooms over a network, on one clock that runs while somebody waits. */
export class BusStand {
  readonly clock: VirtualClock = new VirtualClock()
  readonly network: MemoryNetwork
  readonly rooms: Room[] = []
  readonly #release: () => void

  constructor({
    network = new MemoryNetwork(() => 'deliver'),
    release = (): void => undefined,
  }: { network?: MemoryNetwork; release?: () => void } = {}) {
    this.network = network
    this.#release = release
  }

  /** The target of the room for a driver. */
  target(driver: Driver, { room = ROOM, root = ROOT } = {}) {
    return { room, keys: new SharedKeySource(root), hub: driverTransport(driver) }
  }

  async join(name: string, options: RoomOptions & { driver?: Driver; room?: RoomId } = {}) {
    const { driver = this.network.driver(name), room, ...rest } = options
    const joined = Room.join(this.target(driver, { ...(room && { room }) }), {
      ...{ name, media: false, persons: false, clock: this.clock },
      ...rest,
    })
    const made = await this.during(joined)
    this.rooms.push(made)
    return made
  }

  /** Lets time pass until a promise settles. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const done = promise.finally(() => {
      settled = true
    })
    done.catch(() => undefined)
    await this.until(() => settled)
    return done
  }

  /** Lets time pass until something is so; fails when it is not after so long on the clock. */
  async until(
    isSo: () => boolean,
    { withinMs = 120_000, stepMs = STEP_MS }: { withinMs?: number; stepMs?: number } = {},
  ): Promise<number> {
    const startMs = this.clock.now()
    while (!isSo()) {
      if (this.clock.now() - startMs > withinMs) throw new Error('it never came to that')
      await this.pass(stepMs, { stepMs })
    }
    return this.clock.now() - startMs
  }

  /** Lets so much time pass, in steps in which everything that is under way gets on. */
  async pass(ms: number, { stepMs = STEP_MS }: { stepMs?: number } = {}): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(stepMs)
      this.#release()
      // Cryptography takes real time, in which the clock of the rooms stands still.
      for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setTimeout(resolve))
    }
  }

  async haveMet(rooms: readonly Room[] = this.rooms): Promise<void> {
    await this.until(() =>
      rooms.every(({ participants }) => participants.size === rooms.length - 1),
    )
  }

  async end(): Promise<void> {
    await this.during(Promise.all(this.rooms.map((room) => room.leave())))
  }
}

const STEP_MS = 20

/** The texts of a room's chat. */
export const textsOf = (room: Room): readonly string[] => room.chat.messages.map(({ text }) => text)
