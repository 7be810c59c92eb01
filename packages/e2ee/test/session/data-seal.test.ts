import { ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'
import {
  createDataSeal,
  createPairKeys,
  createSessionKeys,
  DATA_OVERHEAD_BYTES,
} from '@conclave/e2ee/session'
import type { DataPlace, DataSeal, PairKeys, SessionKeys } from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { failureOf, ROOM, rootOf, utf8 } from '../fixtures.ts'

interface Party {
  readonly session: SessionKeys
  readonly pairs: Map<ParticipantId, PairKeys>
  readonly seal: DataSeal
}

const OTHER_ROOM = 'AAAAAAAAAAAAAAAAAAAAAA' as RoomId

const parties = async (count: number, room = ROOM): Promise<readonly Party[]> => {
  const root = new SharedKeySource(rootOf(1))
  const sessions = await Promise.all(Array.from({ length: count }, () => createSessionKeys()))
  return Promise.all(
    sessions.map(async (session) => {
      const pairs = new Map<ParticipantId, PairKeys>()
      for (const peer of sessions) {
        if (peer === session) continue
        pairs.set(peer.id, await createPairKeys({ session, root, room: ROOM, peer }))
      }
      const keysOf = (peer: ParticipantId): PairKeys | undefined => pairs.get(peer)
      return { session, pairs, seal: createDataSeal({ room, self: session.id, keysOf }) }
    }),
  )
}

const placeOf = ({ session }: Party, place: Partial<DataPlace> = {}): DataPlace => ({
  peer: session.id,
  connection: 'a connection',
  number: 0,
  ...place,
})
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && new TextDecoder().decode(bytes)

test('[S97] a record opens at its receiver, in its place, and is as much longer as it says', async () => {
  const [alice, bob] = (await parties(2)) as [Party, Party]
  const sealed = await alice.seal.seal(placeOf(bob), utf8('hello'))
  expect(sealed.length).toBe(5 + DATA_OVERHEAD_BYTES)
  expect(text(await bob.seal.open(placeOf(alice), sealed))).toBe('hello')
  const empty = await bob.seal.seal(placeOf(alice), new Uint8Array())
  expect(text(await alice.seal.open(placeOf(bob), empty))).toBe('')
})

test.each<[string, (parties: Record<'alice' | 'bob' | 'carol', Party>) => [Party, DataPlace]]>([
  ['in another channel', ({ alice, bob }) => [bob, placeOf(alice, { number: 1 })]],
  ['in another connection', ({ alice, bob }) => [bob, placeOf(alice, { connection: 'another' })]],
  ['as another sender’s', ({ bob, carol }) => [bob, placeOf(carol)]],
  ['at another receiver', ({ alice, carol }) => [carol, placeOf(alice)]],
  ['at its sender', ({ alice, bob }) => [alice, placeOf(bob)]],
])('[S97] a record does not open %s', async (_, cross) => {
  const [alice, bob, carol] = (await parties(3)) as [Party, Party, Party]
  const sealed = await alice.seal.seal(placeOf(bob), utf8('hello'))
  const [opener, place] = cross({ alice, bob, carol })
  expect(await opener.seal.open(place, sealed)).toBeUndefined()
  expect(text(await bob.seal.open(placeOf(alice), sealed))).toBe('hello')
})

test('[S97] a record does not open in another room', async () => {
  const [alice, bob] = (await parties(2)) as [Party, Party]
  const { pairs, session } = bob
  const elsewhere = createDataSeal({
    room: OTHER_ROOM,
    self: session.id,
    keysOf: (peer) => pairs.get(peer),
  })
  const sealed = await alice.seal.seal(placeOf(bob), utf8('hello'))
  expect(await elsewhere.open(placeOf(alice), sealed)).toBeUndefined()
})

test('[S97] a record with any byte changed, cut or added does not open', async () => {
  const [alice, bob] = (await parties(2)) as [Party, Party]
  const sealed = await alice.seal.seal(placeOf(bob), utf8('hello'))
  for (const at of sealed.keys()) {
    const changed = sealed.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(await bob.seal.open(placeOf(alice), changed)).toBeUndefined()
    expect(await bob.seal.open(placeOf(alice), sealed.slice(0, at))).toBeUndefined()
  }
  const longer = Uint8Array.from([...sealed, 0])
  expect(await bob.seal.open(placeOf(alice), longer)).toBeUndefined()
})

test('[S97] two records never have one nonce, whoever they are for, and never have one text', async () => {
  const [alice, bob, carol] = (await parties(3)) as [Party, Party, Party]
  const sealed = await Promise.all(
    [bob, carol, bob, bob].map(async (peer) => alice.seal.seal(placeOf(peer), utf8('hello'))),
  )
  const nonces = sealed.map((bytes) => bytes.slice(17, 25).join())
  expect(nonces).toEqual([0, 1, 2, 3].map((count) => [0, 0, 0, 0, 0, 0, 0, count].join()))
  // Another seal of the same session draws another salt, and so has other keys.
  const again = createDataSeal({
    room: ROOM,
    self: alice.session.id,
    keysOf: (peer) => alice.pairs.get(peer),
  })
  const other = await again.seal(placeOf(bob), utf8('hello'))
  expect(other.slice(9, 17)).not.toEqual(sealed[0]?.slice(9, 17))
  expect(text(await bob.seal.open(placeOf(alice), other))).toBe('hello')
})

test('[S97] without keys of the pair, and with closed ones, nothing is sealed and nothing opens', async () => {
  const [alice, bob] = (await parties(2)) as [Party, Party]
  const sealed = await alice.seal.seal(placeOf(bob), utf8('hello'))
  bob.pairs.get(alice.session.id)?.close()
  expect(await bob.seal.open(placeOf(alice), sealed)).toBeUndefined()
  expect(await failureOf(bob.seal.seal(placeOf(alice), utf8('hello')))).toMatchObject({
    code: 'ERR_E2EE_CLOSED',
  })
  bob.pairs.clear()
  expect(await bob.seal.open(placeOf(alice), sealed)).toBeUndefined()
  expect(await failureOf(bob.seal.seal(placeOf(alice), utf8('hello')))).toMatchObject({
    code: 'ERR_E2EE_UNKNOWN_KEY',
  })
})

test('[S97] participants whose keys their application brings seal under their own', async () => {
  const [one, other] = await Promise.all([createSessionKeys(), createSessionKeys()])
  const keys = new ParticipantKeySource(one.id)
  const others = new ParticipantKeySource(other.id)
  others.setParticipantKey(one.id, keys.grantWithPast())
  const sealing = createDataSeal({ room: ROOM, self: one.id, keysOf: () => keys })
  const opening = createDataSeal({ room: ROOM, self: other.id, keysOf: () => others })
  const place = { connection: 'a', number: 1 }
  const sealed = await sealing.seal({ ...place, peer: other.id }, utf8('hello'))
  expect(text(await opening.open({ ...place, peer: one.id }, sealed))).toBe('hello')
  keys.close()
  others.close()
})
