/**
 * Sessions that join, talk and leave beside one that stays, in this process: over a real hub, and over a driver.
 *
 * @module
 */
import { countListeners } from './ledger.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Room, type RoomOptions, createRoomLink, driverTransport } from '@conclave/client'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import type { Held } from './held.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const ORIGIN = 'https://meet.example'

/** Everybody over one hub, which is in this process too. */
export async function overHub(count: number): Promise<readonly [before: Held, after: Held]> {
  const served = await serve({
    port: 0,
    hub: ({ port }) =>
      createHub({
        engine: createMemoryEngine(),
        origins: [ORIGIN],
        hosts: [`127.0.0.1:${port}`],
        allowNonBrowser: true,
        limits: { attemptsPerSecond: 1000, attemptBurst: 1000 },
      }),
  })
  const hub = `ws://127.0.0.1:${served.port}/hub`
  const { connections, channels } = served.hub.stats()
  if (connections + channels > 0) throw new Error('unreachable: nobody is there')
  const held = await cycles(count, {
    options: () => ({ hub }),
    connections: () => served.hub.stats().connections,
  })
  await served.close()
  return held
}

/** Everybody over one bus in memory. */
export async function overDriver(count: number): Promise<readonly [before: Held, after: Held]> {
  const bus = new MemoryBus()
  let handlers = 0
  const { add, delete: remove } = MemoryBus.prototype
  bus.add = function (...given) {
    handlers += 1
    add.apply(this, given)
  }
  bus.delete = function (...given) {
    handlers -= 1
    remove.apply(this, given)
  }
  return cycles(count, {
    options: () => ({ transport: driverTransport(new MemoryDriver(bus)) }),
    connections: () => handlers,
  })
}

async function cycles(
  count: number,
  place: { readonly options: () => RoomOptions; readonly connections: () => number },
): Promise<readonly [before: Held, after: Held]> {
  const link = await createRoomLink(ORIGIN)
  const join = (name: string): Promise<Room> =>
    Room.join(link, { name, media: false, persons: false, ...place.options() })
  const alice = await join('alice')
  const topic = await alice.topic<number>('numbers')
  let [values, texts] = [0, 0]
  topic.on('value', () => (values += 1))
  alice.on('chat', () => (texts += 1))
  const cycle = async (number: number): Promise<void> => {
    const bob = await join('bob')
    const numbers = await bob.topic<number>('numbers')
    const [valuesBefore, textsBefore] = [values, texts]
    await until(() => numbers.participants.length === 1 && topic.participants.length === 1)
    await numbers.send(number)
    await bob.chat.send(`${number}`)
    await until(() => values > valuesBefore && texts > textsBefore)
    await bob.leave()
    await until(() => alice.participants.size === 0)
  }
  const hold = async (): Promise<Held> => {
    // The last timers of those who left come to their end, and some of the one who stays come and go.
    let timers = Number.POSITIVE_INFINITY
    for (let times = 0; times < 60; times += 1) {
      collect()
      await sleep(100)
      timers = Math.min(timers, countResources('Timeout'))
    }
    return {
      ...{ connections: place.connections(), ...countListeners(), timers },
      sockets: countResources('TCPSocket'),
      heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    }
  }
  for (let number = 0; number < WARMING; number += 1) await cycle(number)
  const before = await hold()
  for (let number = 0; number < count; number += 1) await cycle(number)
  const after = await hold()
  await alice.leave()
  return [before, after]
}

function countResources(kind: string): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith(kind)).length
}

async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`it never came to that: ${String(isSo)}`)
    await sleep(1)
  }
}

/** Code is compiled and caches are filled before anything is counted. */
const WARMING = 20
