import { SharedKeySource } from '@conclave/e2ee'
import {
  commitToNonce,
  computeRoomCode,
  createRoomCodeRound,
  createSessionKeys,
  MAX_ROOM_CODE_SESSIONS,
} from '@conclave/e2ee/session'
import type { RoomCodeMember, RoomCodeRound } from '@conclave/e2ee/session'
import { expect, test } from 'vitest'
import { failureOf, OTHER_ROOM, ROOM, rootOf } from '../fixtures.ts'

const root = new SharedKeySource(rootOf(1))
const [alice, bob, carol, mallory] = [
  await createSessionKeys(),
  await createSessionKeys(),
  await createSessionKeys(),
  await createSessionKeys(),
]

interface Party {
  readonly self: RoomCodeMember
  readonly round: RoomCodeRound
}

async function begin(
  self: RoomCodeMember,
  others: readonly RoomCodeMember[],
  change: object = {},
): Promise<Party> {
  const options = { room: ROOM, round: 1n, self, others, ...change }
  return { self, round: await createRoomCodeRound(options) }
}

/** Brings all commitments, then all nonces, to everyone who knows their sender. */
async function exchange(parties: readonly Party[]): Promise<(string | undefined)[]> {
  for (const { self, round } of parties) {
    for (const other of parties) other.round.receiveCommitment(self.id, round.commitment)
  }
  for (const { self, round } of parties) {
    for (const other of parties) await other.round.receiveNonce(self.id, round.nonce)
  }
  return Promise.all(parties.map(({ round }) => round.code({ root })))
}

test('[C17, C19] all members of a room see one code, and another one in the next round', async () => {
  const meet = (round: bigint): Promise<Party[]> =>
    Promise.all([
      begin(alice, [bob, carol], { round }),
      begin(bob, [carol, alice], { round }),
      begin(carol, [alice, bob], { round }),
    ])
  const [code, ...others] = await exchange(await meet(1n))
  expect(code).toMatch(/^\d{4} \d{4}$/)
  expect(others).toEqual([code, code])
  expect((await exchange(await meet(2n)))[0]).not.toBe(code)
})

test('[C17] members who see different sessions or persons see different codes', async () => {
  const person = { id: bob.id, signingKey: bob.signingKey, personKey: rootOf(9) }
  const between = [await begin(alice, [mallory]), await begin(mallory, [alice])]
  const behind = [await begin(bob, [carol]), await begin(carol, [bob])]
  const [atAlice, atBob] = [await exchange(between), await exchange(behind)]
  expect(atAlice[0]).toBe(atAlice[1])
  expect(atBob[0]).toBe(atBob[1])
  expect(atAlice[0]).not.toBe(atBob[0])
  const differing = await exchange([await begin(alice, [person]), await begin(bob, [alice])])
  expect(differing[0]).not.toBe(differing[1])
})

test('[C18] a nonce is fresh in each round, and a commitment is bound to room, round and session', async () => {
  const nonce = rootOf(5)
  const place = { room: ROOM, round: 1n, signingKey: alice.signingKey }
  const commitments = await Promise.all([
    commitToNonce(nonce, place),
    commitToNonce(nonce, { ...place, room: OTHER_ROOM }),
    commitToNonce(nonce, { ...place, round: 2n }),
    commitToNonce(nonce, { ...place, signingKey: bob.signingKey }),
    commitToNonce(rootOf(6), place),
  ])
  const [one, other] = [await begin(alice, []), await begin(alice, [])]
  expect(one.round.nonce).not.toEqual(other.round.nonce)
  const all = [...commitments, one.round.commitment, other.round.commitment].map(String)
  expect(new Set(all).size).toBe(all.length)
})

test('[C19] a nonce is not shown before every other session has committed', async () => {
  const { round } = await begin(alice, [bob, carol])
  expect(round.nonce).toBeUndefined()
  expect(round.receiveCommitment(bob.id, rootOf(1))).toBe(true)
  expect(round.nonce).toBeUndefined()
  expect(round.receiveCommitment(mallory.id, rootOf(2))).toBe(false)
  expect(round.nonce).toBeUndefined()
  expect(round.receiveCommitment(carol.id, rootOf(3))).toBe(true)
  expect(round.nonce).toHaveLength(32)
  expect(await round.code({ root })).toBeUndefined()
})

test('[C19] the first commitment holds, and only its nonce is taken', async () => {
  const [one, other] = [await begin(alice, [bob]), await begin(bob, [alice])]
  const { round } = one
  expect(await round.receiveNonce(bob.id, rootOf(7))).toBe(false)
  expect(round.receiveCommitment(bob.id, other.round.commitment)).toBe(true)
  expect(round.receiveCommitment(bob.id, other.round.commitment)).toBe(true)
  const later = await commitToNonce(rootOf(7), {
    room: ROOM,
    round: 1n,
    signingKey: bob.signingKey,
  })
  expect(round.receiveCommitment(bob.id, later)).toBe(false)
  expect(await round.receiveNonce(bob.id, rootOf(7))).toBe(false)
  expect(await round.code({ root })).toBeUndefined()
  other.round.receiveCommitment(alice.id, round.commitment)
  expect(await round.receiveNonce(mallory.id, other.round.nonce)).toBe(false)
  expect(await round.receiveNonce(bob.id, other.round.nonce)).toBe(true)
  expect(await round.code({ root })).toMatch(/^\d{4} \d{4}$/)
})

test('[C19] anything but 32 bytes is refused, and never throws', async () => {
  const { round } = await begin(alice, [bob])
  for (const value of [undefined, null, 7, 'x', [], new Uint8Array(31), new Uint8Array(33)]) {
    expect(round.receiveCommitment(bob.id, value)).toBe(false)
    expect(await round.receiveNonce(bob.id, value)).toBe(false)
  }
})

test('[C17] mistakes of the caller are named', async () => {
  const nonce = rootOf(1)
  const entry = { signingKey: alice.signingKey, nonce }
  const many = Array.from({ length: MAX_ROOM_CODE_SESSIONS + 1 }, () => entry)
  await expect(computeRoomCode([], { root })).rejects.toThrow('"entries" expected')
  await expect(computeRoomCode(many, { root })).rejects.toThrow('"entries" expected')
  const twice = [entry, { ...entry, nonce: rootOf(2) }]
  await expect(computeRoomCode(twice, { root })).rejects.toThrow('each session once')
  const short = { ...entry, nonce: new Uint8Array(31) }
  await expect(computeRoomCode([short], { root })).rejects.toThrow('"nonce" expected')
  await expect(computeRoomCode([entry], { root: {} as never })).rejects.toThrow('"root"')
  await expect(begin(alice, [alice])).rejects.toThrow('"others" expected')
  await expect(begin(alice, [bob, bob])).rejects.toThrow('"others" expected')
  await expect(begin(alice, [bob], { round: -1n })).rejects.toThrow('"round" expected')
  const closed = new SharedKeySource(rootOf(1))
  closed.close()
  const failure = await failureOf(computeRoomCode([entry], { root: closed }))
  expect(failure.code).toBe('ERR_E2EE_CLOSED')
})
