import { createSealer, ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'
import type { Sealer } from '@conclave/e2ee'
import { createPairKeys, createSessionKeys, createSessionSealer } from '@conclave/e2ee/session'
import type { PairKeys, SessionKeys } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { failureOf, outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'

interface Party {
  readonly session: SessionKeys
  readonly keys: SharedKeySource
  readonly direct: Map<ParticipantId, PairKeys>
  readonly sealer: Sealer
}

async function party(): Promise<Party> {
  const session = await createSessionKeys()
  const keys = new SharedKeySource(rootOf(1))
  const direct = new Map<ParticipantId, PairKeys>()
  const sealer = createSessionSealer({ keys, room: ROOM, session, direct })
  return { session, keys, direct, sealer }
}

/** Each gets the keys of the pair. */
async function pair(one: Party, other: Party): Promise<void> {
  for (const [{ session, keys, direct }, { session: peer }] of [
    [one, other],
    [other, one],
  ] as const) {
    direct.set(peer.id, await createPairKeys({ session, root: keys, room: ROOM, peer }))
  }
}

const seal = async ({ sealer }: Party, to?: Party): Promise<Uint8Array> =>
  (await sealer.seal({ kind: 3, to: to?.session.id }, utf8('hello'))).bytes

test('[C21] direct streams have the keys of the pair, and the stream to the room those of the room', async () => {
  const [alice, bob] = [await party(), await party()]
  await pair(alice, bob)
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const sender = from.session.id
    const [direct, toRoom] = [await seal(from, to), await seal(from)]
    const options = { keys: to.keys, room: ROOM, unsafeSelf: to.session.id }
    expect(outcome(await createSealer(options).open(sender, direct))).toBe('other-key')
    expect(outcome(await createSealer(options).open(sender, toRoom))).toBe('opened: hello')
    expect(outcome(await to.sealer.open(sender, direct))).toBe('opened: hello')
    expect(outcome(await to.sealer.open(sender, toRoom))).toBe('opened: hello')
  }
})

test('[C21] without the keys of the pair nothing direct is sealed or opens, at either party', async () => {
  const [alice, bob] = [await party(), await party()]
  expect(await failureOf(seal(alice, bob))).toMatchObject({ code: 'ERR_E2EE_UNKNOWN_KEY' })
  const { id } = alice.session
  const shared = createSealer({ keys: alice.keys, room: ROOM, unsafeSelf: id })
  const { bytes } = await shared.seal({ kind: 3, to: bob.session.id }, utf8('hello'))
  expect(outcome(await bob.sealer.open(id, bytes))).toBe('unknown-key')
  expect(alice.sealer.next(bob.session.id)).toBe(0n)
})

test('[C21] the keys of another pair, and keys that are closed, open nothing', async () => {
  const [alice, bob, carol] = [await party(), await party(), await party()]
  await pair(alice, bob)
  await pair(bob, carol)
  const bytes = await seal(alice, bob)
  expect(outcome(await bob.sealer.open(carol.session.id, bytes))).toBe('other-key')
  bob.direct.get(alice.session.id)?.close()
  expect(outcome(await bob.sealer.open(alice.session.id, bytes))).toBe('unknown-key')
  expect(await failureOf(seal(bob, alice))).toMatchObject({ code: 'ERR_E2EE_CLOSED' })
})

test('[C21] without pairs all keys are those of the key source, of any kind', async () => {
  const [one, other] = [await createSessionKeys(), await createSessionKeys()]
  const [keys, keysOfOther] = [new ParticipantKeySource(one.id), new ParticipantKeySource(other.id)]
  keysOfOther.setParticipantKey(one.id, keys.grantWithPast())
  const sealer = createSessionSealer({ keys, room: ROOM, session: one })
  const opener = createSessionSealer({ keys: keysOfOther, room: ROOM, session: other })
  const { bytes } = await sealer.seal({ kind: 3, to: other.id }, utf8('hello'))
  expect(outcome(await opener.open(one.id, bytes))).toBe('opened: hello')
})

test('[C21] pairs that are none are named, and the session stays free', async () => {
  const session = await createSessionKeys()
  const options = { keys: new SharedKeySource(rootOf(1)), room: ROOM, session }
  expect(() => createSessionSealer({ ...options, direct: {} as never })).toThrow('"direct"')
  expect(() => createSessionSealer({ ...options, keys: {} as never, direct: new Map() })).toThrow(
    '"keys"',
  )
  expect(() => createSessionSealer({ ...options, direct: new Map() })).not.toThrow()
})

test('[C21] forgetting a peer and closing drop the keys of pairs too; they are derived again', async () => {
  const [alice, bob] = [await party(), await party()]
  await pair(alice, bob)
  await bob.sealer.open(alice.session.id, await seal(alice, bob))
  bob.sealer.forget(alice.session.id)
  const opened = await bob.sealer.open(alice.session.id, await seal(alice, bob))
  expect(outcome(opened)).toBe('opened: hello')
  bob.sealer.close()
  expect(outcome(await bob.sealer.open(alice.session.id, await seal(alice, bob)))).toBe(
    'unknown-key',
  )
})
