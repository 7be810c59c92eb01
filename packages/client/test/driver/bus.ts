/** A bus that does anything that one can, and rooms over it. */
import type { Clock } from '@conclave/base'
import { SharedKeySource } from '@conclave/e2ee'
import type { Driver } from '@conclave/p2p'
import {
  MemoryNetwork,
  TestTime,
  type VirtualClock,
  createRandom,
  delay,
  inTurn,
  lose,
  repeat,
  textsIn,
} from '@conclave/testing'
import type { RoomId } from '@conclave/wire'
import { Room, driverTransport } from '../../src/index.ts'
import type { RoomOptions } from '../../src/index.ts'

export const ROOM = 'AAECAwQFBgcICQoLDA0ODw' as RoomId
export const OTHER_ROOM = 'DwECAwQFBgcICQoLDA0ODw' as RoomId
export const ROOT: Uint8Array<ArrayBuffer> = new Uint8Array(32).fill(7)

/** A network whose bus loses, repeats and holds back what these shares say, by chance that repeats. */
export function hostileBus(
  seed: number,
  { lost, twice, late }: { lost: number; twice: number; late: number },
): (clock: Clock) => MemoryNetwork {
  const random = createRandom(seed)
  const network = new MemoryNetwork()
  return (clock) => {
    network.rule = inTurn(
      lose({ share: lost, random }),
      repeat({ share: twice, random }),
      delay({ share: late, random, clock, toMs: 200 }),
    )
    return network
  }
}

/** Rooms over a network, on one clock that runs while somebody waits. */
export class BusStand {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly rooms: Room[] = []
  readonly #time = new TestTime()

  constructor(
    networkOn: (clock: Clock) => MemoryNetwork = () => new MemoryNetwork(() => 'deliver'),
  ) {
    this.clock = this.#time.clock
    this.network = networkOn(this.clock)
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
  during<T>(promise: Promise<T>): Promise<T> {
    return this.#time.during(promise)
  }

  /** Lets time pass until something is so; fails when it is not after so long on the clock. */
  until(
    isSo: () => boolean,
    options: { withinMs?: number; stepMs?: number } = {},
  ): Promise<number> {
    return this.#time.until(isSo, options)
  }

  /** Lets so much time pass, in steps in which everything that is under way gets on. */
  pass(ms: number, options: { stepMs?: number } = {}): Promise<void> {
    return this.#time.pass(ms, options)
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

export { textsIn as textsOf }
