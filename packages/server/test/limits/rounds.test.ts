import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { Rounds } from '../../src/limits/rounds.ts'
import type { RoundsPlace } from '../../src/limits/rounds.ts'
import type { RoundsMember } from '../../src/limits/share.ts'

/** A loop whose turns the test makes, on a clock that work moves. */
function createLoop(): {
  readonly rounds: Rounds
  readonly clock: VirtualClock
  readonly log: string[]
  join(address: string, name: string, pieces?: number): Member
  turn(): void
} {
  const clock = new VirtualClock(0)
  const turns: (() => void)[] = []
  const log: string[] = []
  const rounds = new Rounds({
    now: () => clock.now(),
    nextTurn: (callback) => void turns.push(callback),
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
  })
  return {
    rounds,
    clock,
    log,
    join: (address, name, pieces = 0) => new Member({ rounds, clock, log, address, name, pieces }),
    turn: () => {
      for (const callback of turns.splice(0)) callback()
    },
  }
}

/** A connection whose pieces of work take a millisecond each. */
class Member implements RoundsMember {
  readonly place: RoundsPlace
  isHeld = false
  readonly #options: { clock: VirtualClock; log: string[]; name: string }
  #pieces: number

  constructor(options: {
    readonly rounds: Rounds
    readonly clock: VirtualClock
    readonly log: string[]
    readonly address: string
    readonly name: string
    readonly pieces: number
  }) {
    this.#options = options
    this.#pieces = options.pieces
    this.place = options.rounds.join(options.address, this)
  }

  /** Work comes: it is done at once, or waits. */
  push(): void {
    this.#pieces += 1
    if (!this.place.mayRun()) return this.place.wait()
    this.step()
    this.place.spend(1)
  }

  step(): boolean {
    this.#pieces -= 1
    this.#options.clock.advance(1)
    this.#options.log.push(this.#options.name)
    return this.#pieces > 0
  }

  hold(): void {
    this.isHeld = true
  }

  release(): void {
    this.isHeld = false
  }
}

test('[H43] work is done at once while its address has time in this turn, and then waits for the next', () => {
  const { join, turn, log } = createLoop()
  const alice = join('a', 'alice')
  for (let n = 0; n < 5; n += 1) alice.push()
  expect(log).toHaveLength(2)
  expect(alice.isHeld).toBe(true)
  turn()
  expect(log).toHaveLength(4)
  turn()
  expect(log).toHaveLength(5)
  turn()
  expect(alice.isHeld).toBe(false)
  alice.push()
  expect(log).toHaveLength(6)
})

test('[H43] rounds go over addresses, not over connections: one with many delays another by a piece', () => {
  const { join, turn, log } = createLoop()
  const many = Array.from({ length: 20 }, (_, n) => join('m', `mallory ${n}`, 50))
  const alice = join('a', 'alice')
  for (const member of many) member.place.wait()
  alice.place.wait()
  turn()
  expect(log.indexOf('alice')).toBeLessThan(2)
  // In the next turns the connections of the address have their turns one after the other.
  for (let n = 0; n < 400; n += 1) turn()
  const first = log.filter((name) => name !== 'alice').slice(0, 4)
  expect(new Set(first).size).toBe(4)
})

test('[H43] no turn takes long, whatever waits', () => {
  const { join, turn, clock } = createLoop()
  const members = Array.from({ length: 30 }, (_, n) => join(`address ${n}`, 'mallory', 20))
  for (const member of members) member.place.wait()
  for (let n = 0; n < 50; n += 1) {
    const startedMs = clock.now()
    turn()
    expect(clock.now() - startedMs).toBeLessThanOrEqual(8)
  }
})

test('[H43] an address that works all the time has a part of the time beside others, and all of it without them', () => {
  const { join, turn, clock, log } = createLoop()
  const mallory = join('m', 'mallory', 1e6)
  const alice = join('a', 'alice')
  mallory.place.wait()
  const workOf = (name: string): number => log.splice(0).filter((one) => one === name).length
  const runFor = (ms: number, each?: () => void): void => {
    const untilMs = clock.now() + ms
    for (let nextMs = 0; clock.now() < untilMs;) {
      const beforeMs = clock.now()
      if (each !== undefined && beforeMs >= nextMs) {
        each()
        nextMs = beforeMs + 100
      }
      turn()
      if (clock.now() === beforeMs) clock.advance(1)
    }
  }
  runFor(1000)
  expect(workOf('mallory')).toBeGreaterThan(950)
  runFor(2000, () => alice.push())
  expect(workOf('mallory')).toBeLessThan(500)
  runFor(3000)
  expect(workOf('mallory')).toBeGreaterThan(1500)
})

test('[H43] an address that is held stays held when it connects again, and is forgotten later', () => {
  const { rounds, join, clock } = createLoop()
  const first = join('m', 'mallory')
  for (let n = 0; n < 4; n += 1) first.push()
  first.place.leave()
  const again = join('m', 'mallory again')
  expect(again.isHeld).toBe(true)
  again.place.leave()
  clock.advance(60_000)
  expect(rounds.size).toBe(0)
})

test('[H64] the writes of a turn are owed by the addresses that worked in it, in proportion', () => {
  const { rounds, join, turn, clock } = createLoop()
  const [alice, mallory] = [join('a', 'alice'), join('m', 'mallory')]
  const bob = join('b', 'bob')
  alice.push()
  for (let n = 0; n < 2; n += 1) mallory.push()
  rounds.wrote(90)
  // Nobody is held because of the writes: mallory was for his work.
  expect([alice.isHeld, mallory.isHeld, bob.isHeld]).toEqual([false, true, false])
  turn()
  // Both work until they are held. Alice owes 30 ms of the writes, mallory 60, and bob nothing.
  for (const member of [alice, bob]) while (!member.isHeld) member.push()
  clock.advance(10)
  expect([alice.isHeld, mallory.isHeld, bob.isHeld]).toEqual([true, true, false])
  clock.advance(120)
  bob.push()
  expect([alice.isHeld, mallory.isHeld]).toEqual([false, true])
  clock.advance(200)
  expect(mallory.isHeld).toBe(false)
})

test('[H43] an address that never worked is forgotten with its last connection', () => {
  const { rounds, join } = createLoop()
  const first = join('m', 'mallory')
  const second = join('m', 'mallory too')
  first.place.leave()
  expect(rounds.size).toBe(1)
  second.place.leave()
  expect(rounds.size).toBe(0)
})
