import { VirtualClock } from '@conclave/base/testing'
import { beforeEach, expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { MAX_ROUND, encodeRoundPart } from '../../src/persons/room-code-bodies.ts'
import { CodeStand, type Comparer, digitsOf } from './code-stand.ts'

let stand: CodeStand

beforeEach(() => {
  stand = new CodeStand()
})

const three = async (): Promise<[Comparer, Comparer, Comparer]> => [
  await stand.add('alice'),
  await stand.add('bob'),
  await stand.add('carol'),
]

const roundsOf = (name: string): number =>
  stand.sent.filter(({ by, kind }) => by === name && kind === MESSAGE_KINDS.commitment).length

test('[R90, R91] everybody who sees the same sessions gets one code, and another one when somebody comes or goes', async () => {
  const [alice, bob, carol] = await three()
  expect(alice.rounds.code).toEqual({ state: 'none' })
  stand.meet(alice, bob)
  expect(alice.rounds.code).toEqual({ state: 'pending', missing: [] })
  await stand.pass(1000)
  const first = digitsOf(alice)
  expect(first).toMatch(/^\d{4} \d{4}$/)
  expect(digitsOf(bob)).toBe(first)
  stand.meet(alice, bob, carol)
  expect([alice, bob, carol].map(digitsOf)).toEqual([undefined, undefined, undefined])
  await stand.pass(3000)
  const second = digitsOf(alice)
  expect(second).toMatch(/^\d{4} \d{4}$/)
  expect([bob, carol].map(digitsOf)).toEqual([second, second])
  for (const stays of [alice, bob]) stand.see(stays, carol, false)
  await stand.pass(3000)
  expect(digitsOf(alice)).toBe(digitsOf(bob))
  expect(new Set([first, second, digitsOf(alice)]).size).toBe(3)
  expect(stand.failures).toEqual([])
})

test('[R90] a round with two sessions takes two messages of each', async () => {
  const [alice, bob] = await three()
  stand.meet(alice, bob)
  await stand.pass(60_000)
  expect(stand.sent.map(({ by, kind }) => `${by} ${kind}`).toSorted()).toEqual([
    ...['alice 7', 'alice 8', 'bob 7', 'bob 8'],
  ])
})

test('[R90] a session that comes back to the same others shows no nonce a second time', async () => {
  const [alice, bob] = await three()
  stand.meet(alice, bob)
  await stand.pass(1000)
  const first = digitsOf(alice)
  // Only Alice sees that Bob went and came.
  stand.see(alice, bob, false)
  stand.see(alice, bob)
  await stand.pass(6000)
  expect(digitsOf(alice)).toBe(digitsOf(bob))
  expect(digitsOf(alice)).toBeDefined()
  expect(digitsOf(alice)).not.toBe(first)
})

test('[R90] parts that served a round serve no later one with the same sessions', async () => {
  const [alice, bob, carol] = await three()
  stand.meet(alice, bob)
  await stand.pass(1000)
  for (const isThere of [true, false]) {
    stand.see(alice, carol, isThere)
    stand.clock.advance(3000)
    await stand.settle()
  }
  expect(roundsOf('alice')).toBe(3)
  expect(alice.rounds.code).toEqual({ state: 'pending', missing: [bob.member.id] })
})

test('[R90] a change while a round begins keeps that round from everybody', async () => {
  const [alice, bob, carol] = await three()
  stand.meet(alice, bob)
  stand.clock.advance(500)
  stand.see(alice, carol)
  await stand.settle()
  expect(roundsOf('alice')).toBe(0)
  stand.clock.advance(2000)
  await stand.settle()
  expect(roundsOf('alice')).toBe(1)
})

test('[R92] a session that goes on in an earlier round is waited for, and begins no other one', async () => {
  const [alice, bob] = await three()
  stand.meet(alice, bob)
  stand.clock.advance(500)
  await stand.settle()
  for (const isThere of [false, true]) stand.see(alice, bob, isThere)
  stand.clock.advance(2000)
  await stand.settle()
  expect([roundsOf('alice'), roundsOf('bob')]).toEqual([2, 1])
  stand.deliver('bob alice')
  await stand.pass(5000)
  expect(digitsOf(alice)).toBeDefined()
  expect(digitsOf(alice)).toBe(digitsOf(bob))
  const { length } = stand.sent
  await stand.pass(60_000)
  expect(stand.sent).toHaveLength(length)
})

test('[R91] a session that says nothing keeps the code away, and is named', async () => {
  const [alice, bob, carol] = await three()
  stand.meet(alice, bob)
  for (const other of [alice, bob]) stand.see(other, carol)
  await stand.pass(60_000)
  const missing = [carol.member.id]
  for (const { rounds } of [alice, bob]) {
    expect(rounds.code).toEqual({ state: 'pending', missing })
  }
  // It committed, and shows nothing.
  const { length } = stand.sent
  for (const other of [alice, bob]) stand.see(carol, other)
  const shown = new Set<string>()
  for (let at = 0; at < 4000; at += 50) {
    stand.clock.advance(50)
    await stand.settle()
    for (const [key, stream] of stand.streams) {
      if (key.startsWith('carol') && stream[0]?.kind === MESSAGE_KINDS.nonce) shown.add(key)
      else stand.deliver(key)
    }
  }
  expect(stand.sent.length).toBeGreaterThan(length)
  expect(shown.size).toBe(2)
  expect(alice.rounds.code).toEqual({ state: 'pending', missing })
  expect(digitsOf(carol)).toBeDefined()
})

test('[R92] rounds begin half a second after the last change, and at most once in 2 s', async () => {
  const [alice, bob, carol] = await three()
  stand.meet(alice, bob)
  await stand.pass(450)
  expect(stand.sent).toEqual([])
  await stand.pass(100)
  expect(roundsOf('alice')).toBe(1)
  for (let n = 0; n < 20; n += 1) {
    stand.meet(alice, bob, carol)
    await stand.pass(100)
    for (const stays of [alice, bob]) stand.see(stays, carol, false)
    await stand.pass(900)
  }
  // 20 s with 40 changes.
  expect(roundsOf('alice')).toBeLessThanOrEqual(11)
})

test('[R92] a timer that fires early begins the round all the same', async () => {
  const [alice, bob] = await three()
  const { clock } = stand
  clock.setTimeout = (callback, ms) =>
    VirtualClock.prototype.setTimeout.call(clock, callback, ms - 1)
  stand.meet(alice, bob)
  await stand.pass(1000)
  expect(digitsOf(alice)).toBeDefined()
})

test('[R92] a member that begins one round after the other costs everybody two messages in 2 s', async () => {
  const [alice, bob, mallory] = await three()
  stand.meet(alice, bob, mallory)
  await stand.pass(3000)
  const { roster } = newestCommitmentTo(alice)
  const before = stand.sent.length
  for (let n = 2; n < 1000; n += 1) {
    const body = encodeRoundPart({ roster, round: n * 1000, value: new Uint8Array(32).fill(n) })
    for (const { rounds } of [alice, bob]) {
      rounds.receive(mallory.member.id, MESSAGE_KINDS.commitment, body)
    }
    await stand.pass(50)
  }
  const perSession = (stand.sent.length - before) / 3
  expect(perSession).toBeLessThanOrEqual(2 * 26)
})

test('[R90] a member that takes the last number keeps the code away only as long as it is there', async () => {
  const [alice, bob, mallory] = await three()
  stand.meet(alice, bob, mallory)
  await stand.pass(3000)
  const { roster } = newestCommitmentTo(alice)
  const body = encodeRoundPart({ roster, round: MAX_ROUND, value: new Uint8Array(32) })
  for (let n = 0; n < 2; n += 1) {
    for (const { rounds } of [alice, bob]) {
      rounds.receive(mallory.member.id, MESSAGE_KINDS.commitment, body)
    }
    await stand.pass(5000)
    expect([alice, bob].map(digitsOf)).toEqual([undefined, undefined])
  }
  for (const stays of [alice, bob]) stand.see(stays, mallory, false)
  await stand.pass(5000)
  expect(digitsOf(alice)).toBeDefined()
  expect(digitsOf(alice)).toBe(digitsOf(bob))
})

test('[R90] a round whose message could not be sent is followed by another', async () => {
  const [alice, bob] = await three()
  alice.refused = 1
  stand.meet(alice, bob)
  await stand.pass(6000)
  expect(digitsOf(alice)).toBeDefined()
  expect(digitsOf(alice)).toBe(digitsOf(bob))
})

test('[R92] more than 32 sessions compare nothing, and do again when they are fewer', async () => {
  const alice = await stand.add('alice')
  const others = await Promise.all(Array.from({ length: 32 }, (_, n) => stand.add(`other ${n}`)))
  for (const other of others) stand.see(alice, other)
  await stand.pass(1000)
  expect(alice.rounds.code).toEqual({ state: 'none' })
  expect(stand.sent).toEqual([])
  stand.see(alice, others[0] as Comparer, false)
  await stand.pass(1000)
  expect(alice.rounds.code).toMatchObject({ state: 'pending' })
  expect(roundsOf('alice')).toBe(1)
})

test('[R90] a body that is none is told, and changes nothing', async () => {
  const [alice, bob] = await three()
  stand.meet(alice, bob)
  await stand.pass(1000)
  const code = digitsOf(alice)
  const valid = { roster: 'A'.repeat(22), round: 1, value: 'A'.repeat(43) }
  for (const value of [
    ...[{}, null, 7, { ...valid, round: 0 }, { ...valid, round: 2 ** 48 + 1 }],
    ...[
      { ...valid, value: 'A'.repeat(42) },
      { ...valid, value: `${'A'.repeat(42)}B` },
    ],
    ...[
      { ...valid, roster: '!'.repeat(22) },
      { ...valid, more: 1 },
    ],
  ]) {
    const body = new TextEncoder().encode(JSON.stringify(value))
    for (const kind of [MESSAGE_KINDS.commitment, MESSAGE_KINDS.nonce]) {
      expect(alice.rounds.receive(bob.member.id, kind, body)).toBe(false)
    }
  }
  await stand.pass(5000)
  expect(digitsOf(alice)).toBe(code)
})

test('[R90] after its end a session shows and sends nothing', async () => {
  const [alice, bob] = await three()
  stand.meet(alice, bob)
  alice.rounds.close()
  const { length } = alice.codes
  await stand.pass(5000)
  expect(alice.codes).toHaveLength(length)
  expect(roundsOf('alice')).toBe(0)
})

/** The newest round that everybody is in. */
function newestCommitmentTo({ rounds, sees }: Comparer): { readonly roster: string } {
  expect(rounds.code.state).toBe('ready')
  expect(sees.size).toBe(2)
  return { roster: stand.newestRoster }
}

test('[R101] a session whose code is pending asks those whose parts it misses, and nobody once it has the code', async () => {
  const [alice, bob, carol] = await three()
  stand.meet(alice, bob, carol)
  await stand.pass(60_000)
  expect(digitsOf(alice)).toMatch(/^\d{4} \d{4}$/)
  expect(stand.asked).toEqual([])
  for (const stays of [alice, bob]) stand.see(stays, carol, false)
  // Whatever Bob says gets lost.
  for (let ms = 0; ms < 10_000; ms += 50) {
    stand.clock.advance(50)
    await stand.settle()
    stand.streams.delete('bob alice')
  }
  const ofAlice = stand.asked.filter(({ by }) => by === 'alice')
  expect(ofAlice.length).toBeGreaterThanOrEqual(2)
  expect(ofAlice.length).toBeLessThanOrEqual(4)
  for (const { participants } of ofAlice) expect(participants).toEqual([bob.member.id])
})
