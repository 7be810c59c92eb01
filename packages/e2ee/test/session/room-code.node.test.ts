/** The member in between searches for one code on both sides, by the reference, which is fast. */
import { SharedKeySource } from '@conclave/e2ee'
import { commitToNonce, computeRoomCode, createRoomCodeRound } from '@conclave/e2ee/session'
import { expect, test } from 'vitest'
import { participantIdOf, ROOM, rootOf } from '../fixtures.ts'
import { hkdf } from '../reference/node-reference.ts'
import { roomCode, sessionOf } from '../reference/session-reference.ts'

const root = rootOf(1)
const source = new SharedKeySource(root)
const [alice, bob] = [sessionOf(0xa1, 0xa2), sessionOf(0xb1, 0xb2)]
/** Mallory is Bob to Alice, and Alice to Bob. */
const [asBob, asAlice] = [sessionOf(0xc1, 0xc2), sessionOf(0xc3, 0xc4)]
const seeded = (text: string): Buffer => hkdf(root, 'seed', text, 32)
const [aliceNonce, bobNonce] = [seeded('alice'), seeded('bob')]

const memberOf = ({ id, signingKey }: typeof alice) => ({
  id: participantIdOf(id.toString('base64url')),
  signingKey,
})
const atAlice = (nonce: Uint8Array, alices: Uint8Array = aliceNonce) => [
  { signingKey: alice.signingKey, nonce: alices },
  { signingKey: asBob.signingKey, nonce },
]
const atBob = (nonce: Uint8Array) => [
  { signingKey: asAlice.signingKey, nonce },
  { signingKey: bob.signingKey, nonce: bobNonce },
]

test('[C20] a member in between that chooses nonces after seeing those of both sides finds one code for both', async () => {
  const nonceByCode = new Map<string, Buffer>()
  let found: readonly [Buffer, Buffer] | undefined
  let hashes = 0
  for (let index = 0; found === undefined && index < 60_000; index += 1) {
    const [one, other] = [seeded(`to alice ${index}`), seeded(`to bob ${index}`)]
    nonceByCode.set(roomCode(atAlice(one), root), one)
    const same = nonceByCode.get(roomCode(atBob(other), root))
    if (same !== undefined) found = [same, other]
    hashes += 2
  }
  if (found === undefined) throw new Error('expected a collision')
  expect(hashes).toBeLessThan(120_000)
  const codes = [
    await computeRoomCode(atAlice(found[0]), { root: source }),
    await computeRoomCode(atBob(found[1]), { root: source }),
  ]
  expect(codes[0]).toBe(codes[1])
})

/** Three digits, so that the search is short; eight take 10^5 times as long. */
const shorten = (code: string | undefined): string => code?.slice(-3) ?? ''

function searchFor(wanted: string, alices: Uint8Array): Buffer {
  for (let index = 0; index < 50_000; index += 1) {
    const nonce = seeded(`again ${index}`)
    if (shorten(roomCode(atAlice(nonce, alices), root)) === wanted) return nonce
  }
  throw new Error('expected to find one')
}

test('[C18] a nonce that outlives its round lets a session that comes back choose the code', async () => {
  // Mallory knows Alice's nonce of the round before, and the code that Bob sees.
  const wanted = shorten(roomCode(atBob(seeded('to bob')), root))
  const chosen = searchFor(wanted, aliceNonce)
  expect(shorten(await computeRoomCode(atAlice(chosen), { root: source }))).toBe(wanted)
})

test('[C19, C20] in a round the choice comes before the sight: the nonce that was searched for is refused', async () => {
  const other = memberOf(asBob)
  const options = { room: ROOM, round: 2n, self: memberOf(alice), others: [other] }
  const round = await createRoomCodeRound(options)
  expect(round.nonce).toBeUndefined()
  const blind = seeded('blind')
  const place = { room: ROOM, round: 2n, signingKey: asBob.signingKey }
  expect(round.receiveCommitment(other.id, await commitToNonce(blind, place))).toBe(true)
  const shown = round.nonce ?? new Uint8Array()
  expect(shown).not.toEqual(new Uint8Array(aliceNonce))

  const wanted = shorten(roomCode(atBob(seeded('to bob')), root))
  const chosen = searchFor(wanted, shown)
  expect(await round.receiveNonce(other.id, chosen)).toBe(false)
  expect(round.receiveCommitment(other.id, await commitToNonce(chosen, place))).toBe(false)
  expect(await round.code({ root: source })).toBeUndefined()
  expect(await round.receiveNonce(other.id, blind)).toBe(true)
  expect(await round.code({ root: source })).toBe(roomCode(atAlice(blind, shown), root))
})
