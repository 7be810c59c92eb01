import type { Driver } from '@conclave/p2p'
import { ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Room, driverTransport } from '../../src/index.ts'
import { BusStand, ROOM, textsOf } from './bus.ts'

/** A driver that fails as long as a test wants it to. */
class FailingDriver implements Driver {
  fails: 'on' | 'emit' | 'hang' | 'throw' | undefined
  listens = 0
  readonly #inner: Driver

  constructor(inner: Driver) {
    this.#inner = inner
  }

  on(...given: Parameters<Driver['on']>): void | Promise<void> {
    this.listens += 1
    if (this.fails === 'throw') throw new Error('not connected')
    if (this.fails === 'hang') return new Promise(() => {})
    if (this.fails === 'on') return Promise.reject(new Error('not connected'))
    return this.#inner.on(...given)
  }

  off(...given: Parameters<Driver['off']>): void | Promise<void> {
    if (this.fails === 'throw') throw new Error('not connected')
    return this.#inner.off(...given)
  }

  emit(...given: Parameters<Driver['emit']>): void | Promise<void> {
    if (this.fails === 'throw') throw new Error('not connected')
    if (this.fails === 'hang') return new Promise(() => {})
    if (this.fails === 'emit') return Promise.reject(new Error('not connected'))
    return this.#inner.emit(...given)
  }
}

const stand = (): BusStand => {
  const bus = new BusStand()
  onTestFinished(() => bus.end())
  return bus
}

describe('a driver that fails', () => {
  test.each(['on', 'throw', 'hang', 'emit'] as const)(
    '[S74] a join waits for a driver that is not ready (%s), with growing pauses, and says so once',
    async (fault) => {
      const bus = stand()
      const driver = new FailingDriver(bus.network.driver('Alice'))
      driver.fails = fault
      let unreachable = 0
      const joining = bus.join('Alice', { driver, onUnreachable: () => (unreachable += 1) })
      await bus.pass(fault === 'hang' ? 30_000 : 6000, { stepMs: 100 })
      expect(unreachable).toBe(1)
      expect(driver.listens).toBeGreaterThan(1)
      expect(driver.listens).toBeLessThan(12)
      driver.fails = undefined
      expect((await joining).state).toBe('connected')
    },
  )

  test.each(['emit', 'throw', 'hang'] as const)(
    '[S74, R5] what is said while the driver fails (%s) arrives once when it is back',
    async (fault) => {
      const bus = stand()
      const driver = new FailingDriver(bus.network.driver('Alice'))
      const alice = await bus.join('Alice', { driver })
      const bob = await bus.join('Bob')
      await bus.haveMet()
      driver.fails = fault
      await bus.during(alice.chat.send('first'))
      await bus.until(() => alice.state === 'reconnecting')
      await bus.during(alice.chat.send('second'))
      driver.fails = undefined
      await bus.until(() => textsOf(bob).length === 2)
      expect(textsOf(bob)).toEqual(['first', 'second'])
      expect(alice.state).toBe('connected')
      await bus.until(() => alice.chat.messages.every(({ state }) => state === 'sent'))
    },
  )

  test('[S74] a driver that says that its bus is back has what was lost repeated at once', async () => {
    const bus = stand()
    const handlers = new Set<() => void>()
    const driver = Object.assign(bus.network.driver('Alice'), {
      onReconnect: (handler: () => void) => {
        handlers.add(handler)
        return () => void handlers.delete(handler)
      },
    })
    const [alice, bob] = [await bus.join('Alice', { driver }), await bus.join('Bob')]
    await bus.haveMet()
    bus.network.fate = () => 'drop'
    await alice.chat.send('into the void')
    await bus.pass(4000)
    bus.network.fate = () => 'deliver'
    for (const handler of handlers) handler()
    expect(await bus.until(() => textsOf(bob).length === 1)).toBeLessThan(200)
    await bus.during(alice.leave())
    expect(handlers.size).toBe(0)
  })

  test('[S74] an abort and a leave end the attempts, and nothing is listened to afterwards', async () => {
    const bus = stand()
    const driver = new FailingDriver(bus.network.driver('Alice'))
    driver.fails = 'on'
    const abort = new AbortController()
    const joining = bus.join('Alice', { driver, signal: abort.signal })
    await bus.pass(1000)
    abort.abort()
    await expect(joining).rejects.toMatchObject({ code: 'ERR_CLIENT_ABORTED' })
    const { listens } = driver
    await bus.pass(20_000, { stepMs: 1000 })
    expect(driver.listens).toBe(listens)
    expect(bus.clock.pending).toBe(0)
  })
})

describe('receipts', () => {
  test('[S73] a message that a session who is there never confirms is refused after a bound', async () => {
    const bus = stand()
    const [alice] = [await bus.join('Alice'), await bus.join('Bob')]
    await bus.haveMet()
    const failed: string[] = []
    alice.on('chat', ({ message }) => message.state === 'failed' && failed.push(message.text))
    // Bob's signs of life come, and he gets nothing.
    bus.network.fate = ({ from }) => (from === 'Bob' ? 'deliver' : 'drop')
    await alice.chat.send('lost for good')
    const tookMs = await bus.until(() => failed.length === 1, { stepMs: 100 })
    expect(tookMs).toBeGreaterThan(30_000)
    expect(tookMs).toBeLessThan(90_000)
  })
})

describe('keys', () => {
  test('[S65] keys of each participant have no common root: the join is refused', async () => {
    const { id } = await createSessionKeys()
    const keys = new ParticipantKeySource(id)
    const target = { room: ROOM, keys, hub: driverTransport(new BusStand().network.driver('a')) }
    await expect(Room.join(target, { media: false })).rejects.toMatchObject({
      code: 'ERR_CLIENT_ARGUMENT',
      details: { argument: 'keys' },
    })
  })

  test('[S65] anything but a driver is refused', () => {
    for (const wrong of [undefined, {}, 'wss://bus.example']) {
      expect(() => driverTransport(wrong as unknown as Driver)).toThrow(/"driver" expected/)
    }
  })

  test('[S65, R130] a join waits for the first key, and a room whose keys ended for the next one', async () => {
    const bus = stand()
    const [first, next] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const sources = [new SharedKeySource(), new SharedKeySource()]
    const joining = sources.map((keys, index) => {
      const target = { ...bus.target(bus.network.driver(`session ${index}`)), keys }
      return Room.join(target, { media: false, persons: false, clock: bus.clock })
    })
    await bus.pass(3000)
    expect(bus.network.log).toEqual([])
    for (const keys of sources) keys.setKey(first, 0n)
    bus.rooms.push(...(await bus.during(Promise.all(joining))))
    await bus.haveMet()
    for (const keys of sources) keys.setMinEpoch(1n)
    await bus.pass(1000)
    for (const keys of sources) keys.setKey(next, 1n)
    const [alice, bob] = bus.rooms
    await bus.pass(1000)
    await alice?.chat.send('under the next one')
    await bus.until(() => bob !== undefined && textsOf(bob).includes('under the next one'))
  })

  test('[S65] a room whose root changes goes on under the next one, and those without it are out', async () => {
    const bus = stand()
    const [alice, bob, carol] = [
      await bus.join('Alice'),
      await bus.join('Bob'),
      await bus.join('Carol'),
    ]
    await bus.haveMet()
    const before = new Set(bus.network.log.map(({ namespace }) => namespace[0]))
    const next = new Uint8Array(32).fill(9)
    alice.keys.setKey(next, 1n)
    await bus.pass(500)
    bob.keys.setKey(next, 1n)
    await bus.until(() => alice.participants.size === 1 && bob.participants.size === 1)
    await alice.chat.send('only Bob')
    await bus.until(() => textsOf(bob).length === 1)
    await bus.pass(2000)
    expect(textsOf(carol)).toEqual([])
    expect(before.has(bus.network.log.at(-1)?.namespace[0])).toBe(false)
  })
})
