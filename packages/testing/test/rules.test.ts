import { MemoryDriver, MemoryBus } from '@conclave/p2p/drivers/memory'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Carried,
  type Delivery,
  MemoryNetwork,
  Partition,
  Place,
  type Rule,
  Tape,
  TestTime,
  VirtualClock,
  change,
  createRandom,
  damage,
  delay,
  driverContract,
  driverThrough,
  inTurn,
  invent,
  lose,
  misdirect,
  namesIn,
  onlyFor,
  reflect,
  reorder,
  repeat,
  splitView,
  textsIn,
} from '@conclave/testing'

interface Numbered extends Carried {
  readonly number: number
}

/** The numbers that arrive of those from 0 to 999. */
const through = (rule: Rule<Numbered>): readonly number[] => {
  const arrived: number[] = []
  for (let number = 0; number < 1000; number += 1) {
    rule({ from: 'alice', to: 'bob', number }, (message) => arrived.push(message.number))
  }
  return arrived
}

describe('[S111] a rule', () => {
  test('loses and repeats its share, and the same with the same seed', () => {
    const make = (seed: number) => {
      const random = createRandom(seed)
      return inTurn(lose({ share: 0.3, random }), repeat({ share: 0.2, random, times: 3 }))
    }
    const [one, same, other] = [through(make(1)), through(make(1)), through(make(2))]
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
    const kept = new Set(one).size
    expect(kept).toBeGreaterThan(640)
    expect(kept).toBeLessThan(760)
    expect((one.length - kept) / 2 / kept).toBeCloseTo(0.2, 1)
  })

  test('delays on a clock, so that later ones come first, and none is lost', () => {
    const clock = new VirtualClock()
    const random = createRandom(3)
    const arrived: number[] = []
    const rule = delay({ share: 0.5, random, clock, fromMs: 10, toMs: 20 })
    for (let number = 0; number < 100; number += 1) {
      rule({ from: 'alice', to: 'bob', number }, (message) => arrived.push(message.number))
    }
    const atOnce = arrived.length
    clock.advance(9)
    expect(arrived).toHaveLength(atOnce)
    clock.advance(11)
    expect(arrived).toHaveLength(100)
    expect(arrived).not.toEqual(arrived.toSorted((a, b) => a - b))
    expect(new Set(arrived).size).toBe(100)
  })

  test('reorders among a few', () => {
    const arrived = through(reorder({ among: 5, random: createRandom(4) }))
    expect(arrived).toHaveLength(995)
    expect(new Set(arrived).size).toBe(995)
    expect(arrived).not.toEqual(arrived.toSorted((a, b) => a - b))
  })

  test('reflects, misdirects, changes and invents', () => {
    const all = { share: 1, random: createRandom(5) }
    const heard = (rule: Rule<Numbered>) => {
      const got: Numbered[] = []
      rule({ from: 'alice', to: 'bob', number: 1 }, (message) => got.push(message))
      return got.map(({ from, to, number }) => `${from}>${to} ${number}`)
    }
    expect(heard(reflect(all))).toEqual(['alice>bob 1', 'bob>alice 1'])
    const among = () => ['alice', 'bob', 'carol']
    expect(heard(misdirect({ ...all, among })).toSorted()).toEqual(
      ['alice>alice 1', 'alice>bob 1', 'alice>carol 1', 'bob>bob 1', 'carol>bob 1'].toSorted(),
    )
    expect(heard(change({ ...all, into: (message) => ({ ...message, number: 2 }) }))).toEqual([
      'alice>bob 2',
    ])
    expect(heard(invent((message) => [{ ...message, number: 3 }]))).toEqual([
      ...['alice>bob 1', 'alice>bob 3'],
    ])
    expect(heard(onlyFor(({ to }) => to === 'carol', lose(all)))).toEqual(['alice>bob 1'])
    const tape = new Tape<Numbered>()
    const got = heard(tape.rule)
    expect([got.length, tape.messages.length]).toEqual([1, 1])
  })

  test('damages bytes and never what it was given', () => {
    const random = createRandom(6)
    const bytes = Uint8Array.from({ length: 64 }, (_, at) => at)
    for (let n = 0; n < 200; n += 1) {
      const damaged = damage(bytes, random)
      expect(damaged.length < 64 || damaged.some((byte, at) => byte !== at)).toBe(true)
    }
    expect(bytes.every((byte, at) => byte === at)).toBe(true)
  })

  test.each(
    driverContract({
      connect: () => {
        const bus = new MemoryBus()
        const [one, two] = [new MemoryDriver(bus), new MemoryDriver(bus)]
        return [driverThrough(one, { name: 'one' }), driverThrough(two, { name: 'two' })] as const
      },
      close: () => undefined,
      hearsItself: true,
    }),
  )('around a driver keeps its contract: $title', async ({ run }) =>
    expect(run()).resolves.toBeUndefined(),
  )

  test('around a driver decides about both ways', async () => {
    const bus = new MemoryBus()
    const heard: unknown[] = []
    const random = createRandom(7)
    const driver = driverThrough(new MemoryDriver(bus), {
      ...{ name: 'bob', sent: lose({ share: 1, random }) },
      received: repeat({ share: 1, random }),
    })
    const other = new MemoryDriver(bus)
    await driver.on(['to', 'bob'], (message) => heard.push(message))
    other.on(['to', 'alice'], (message) => heard.push(message))
    await driver.emit(['to', 'alice'], 'lost')
    other.emit(['to', 'bob'], 'twice')
    await expect.poll(() => heard).toEqual(['twice', 'twice'])
  })

  test('of a bus brings packets to others, and to another namespace', async () => {
    const network = new MemoryNetwork()
    const heard: string[] = []
    for (const name of ['alice', 'bob', 'carol']) {
      for (const namespace of ['a', 'b']) {
        await network
          .driver(name)
          .on([namespace], (message) => heard.push(`${name} ${String(message)}`))
      }
    }
    network.rule = onlyFor(
      ({ to }) => to === 'bob',
      (packet, deliver) => deliver({ ...packet, to: 'carol', namespace: ['b'] }),
    )
    await network.driver('alice').emit(['a'], 'hello')
    await expect.poll(() => heard.toSorted()).toEqual(['carol hello', 'carol hello'])
  })
})

describe('rooms under rules', () => {
  test.each([1, 2, 3])(
    '[S112] show everything once, in order and unchanged, when the rules have ended: seed %i',
    async (seed) => {
      const time = new TestTime({ stepMs: 50 })
      const random = createRandom(seed)
      const place = await Place.create({ time })
      onTestFinished(() => place.end())
      const three = [await place.join('alice'), await place.join('bob'), await place.join('carol')]
      await place.haveMet(...three)
      const ids = (): readonly string[] => three.map(({ self }) => self.id)
      const tape = new Tape<Delivery>()
      place.hub.rule = inTurn<Delivery>(
        tape.rule,
        lose({ share: 0.2, random }),
        repeat({ share: 0.2, random }),
        reflect({ share: 0.2, random }),
        misdirect({ share: 0.1, random, among: ids }),
        change<Delivery>({
          ...{ share: 0.1, random },
          into: (message) => ({ ...message, payload: damage(message.payload, random) }),
        }),
        delay({ share: 0.5, random, clock: time.clock, toMs: 2000 }),
      )
      for (let n = 0; n < 20; n += 1) {
        for (const room of three) room.chat.send(`${room.self.name} ${n}`).catch(() => {})
        await time.pass(200)
      }
      place.hub.rule = undefined
      tape.play()
      await time.until(() => three.every((room) => textsIn(room).length === 60))
      for (const room of three) {
        for (const { self } of three) {
          const heard = textsIn(room).filter((text) => text.startsWith(self.name))
          expect(heard).toEqual(Array.from({ length: 20 }, (_, n) => `${self.name} ${n}`))
        }
      }
    },
  )

  test('[S113] a partition keeps words back, and loses none', async () => {
    const time = new TestTime()
    const partition = new Partition()
    const place = await Place.create({ time, rule: partition.rule })
    onTestFinished(() => place.end())
    const alice = await place.join('alice')
    const bob = await place.join('bob')
    const carol = await place.join('carol')
    await place.haveMet(alice, bob, carol)
    partition.split([alice.self.id, bob.self.id], [carol.self.id])
    await time.during(alice.chat.send('in two parts'))
    await time.until(() => textsIn(bob).length === 1)
    await time.pass(2000)
    expect(textsIn(carol)).toEqual([])
    partition.heal()
    await time.until(() => textsIn(carol).length === 1)
  })

  test('[S113] a split view shows each group itself only, until the hub is honest again', async () => {
    const time = new TestTime()
    const place = await Place.create({ time })
    onTestFinished(() => place.end())
    const alice = await place.join('alice')
    const bob = await place.join('bob')
    const carol = await place.join('carol')
    const dave = await place.join('dave')
    const all = [alice, bob, carol, dave]
    await place.haveMet(...all)
    const heal = splitView(place.hub, [alice, bob], [carol, dave])
    await time.until(() => all.every((room) => room.participants.size === 1))
    expect(all.map((room) => namesIn(room).join())).toEqual(['bob', 'alice', 'dave', 'carol'])
    await time.during(alice.chat.send('only here'))
    await time.until(() => textsIn(bob).length === 1)
    expect(textsIn(carol)).toEqual([])
    heal()
    await place.haveMet(...all)
  })
})
