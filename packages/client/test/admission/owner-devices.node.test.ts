import { randomParticipantId } from '@conclave/e2ee'
import { afterEach, expect, test } from 'vitest'
import {
  type OwnerKeys,
  type Room,
  createRoomLink,
  decodeOwnerKeys,
  encodeOwnerKeys,
  generateOwnerKeys,
} from '../../src/index.ts'
import { type GovernedRoom, governedRoom, namesIn } from './governed-room.ts'

let place: GovernedRoom

afterEach(() => place.leave())

/** The owner’s keys as another device reads them. */
const carriedTo = async ({ owner, link }: GovernedRoom): Promise<OwnerKeys> => {
  const decoded = await decodeOwnerKeys(encodeOwnerKeys(owner), link)
  if (decoded.type !== 'owner') throw new Error(decoded.reason)
  return decoded.owner
}

const haveMet = (...rooms: readonly Room[]): Promise<void> =>
  place.until(() => rooms.every((room) => room.participants.size === rooms.length - 1))

test('[R106] two devices with the key are the owner side by side', async () => {
  place = await governedRoom()
  const laptop = await place.joinAsOwner('Alice')
  const bob = await place.join('Bob')
  const mallory = await place.join('Mallory')
  await haveMet(laptop, bob, mallory)
  await laptop.authority.setRule('locked')
  await place.until(() => bob.snapshot.authority.rule === 'locked')

  const phone = await place.join('Alice', { owner: await carriedTo(place) })
  await haveMet(laptop, phone, bob, mallory)
  expect(phone.authority.role).toBe('owner')
  expect(phone.self.person).toBe(laptop.self.person)
  expect(bob.snapshot.authority.hosts).toHaveLength(2)
  await place.until(() => phone.snapshot.authority.rule === 'locked')

  // What the one says the other keeps, and the other way round.
  place.clock.advance(10)
  await phone.authority.setRule('ask')
  await phone.authority.remove(mallory.self.id)
  await place.until(() => laptop.snapshot.authority.rule === 'ask')
  await place.until(() => [laptop, phone, bob].every((room) => !namesIn(room).includes('Mallory')))
  place.clock.advance(10)
  await laptop.authority.setHost(bob.self.id)
  await place.until(() => bob.snapshot.authority.role === 'host')
  await place.until(() => phone.snapshot.authority.hosts.length === 2)
  expect(phone.snapshot.authority).toMatchObject({ rule: 'ask', isConflicting: false })
})

test('[R106] the key is in nothing that the hub carries', async () => {
  place = await governedRoom()
  const [laptop, phone] = [
    await place.joinAsOwner('Alice'),
    await place.join('Alice', { owner: await carriedTo(place) }),
  ]
  await haveMet(laptop, phone)
  await place.settle(phone.authority.setRule('ask'))
  await place.until(() => laptop.snapshot.authority.rule === 'ask')
  const seen = Buffer.concat(place.hub.seen.map(({ payload }) => payload))
  const seed = Buffer.from(place.owner.unsafeExport() ?? [])
  expect(seed).toHaveLength(32)
  for (const secret of [seed, encodeOwnerKeys(place.owner) ?? '', seed.toString('base64url')]) {
    expect(seen.includes(secret)).toBe(false)
  }
  // The search finds what is there.
  expect(seen.includes(Buffer.from(place.hub.seen.at(-1)?.payload ?? []))).toBe(true)
})

test('[R106] the key of another room is refused when it is read, and before anything connects', async () => {
  place = await governedRoom()
  const other = await generateOwnerKeys({ exportable: true })
  await createRoomLink('https://meet.example', { owner: other })
  expect(await decodeOwnerKeys(encodeOwnerKeys(other), place.link)).toEqual({
    ...{ type: 'refused', reason: 'other-owner' },
  })
  const before = place.transports.size
  await expect(place.join('Mallory', { owner: other })).rejects.toMatchObject({
    ...{ code: 'ERR_CLIENT_ARGUMENT', details: { argument: 'owner' } },
  })
  expect(place.transports.size).toBe(before)
})

test('[R87, R106] a device of the owner whose connection is lost while another one is here is away, and comes back', async () => {
  place = await governedRoom()
  const bob = await place.join('Bob')
  const laptop = await place.joinAsOwner('Alice')
  const phone = await place.join('Alice', { owner: await carriedTo(place) })
  await haveMet(bob, laptop, phone)
  const presenceOf = ({ self }: Room): string | undefined => bob.participants.get(self.id)?.presence
  for (const device of [laptop, phone]) {
    const transport = place.transports.get(device.self.id)
    transport?.lose()
    expect(presenceOf(device)).toBe('away')
    await transport?.open()
    await place.until(() => presenceOf(device) === 'present')
  }

  // A page of the owner that ended without a word makes place for the next one. What it said comes before.
  await place.pass(3)
  place.transports.get(laptop.self.id)?.lose()
  const again = await place.joinAsOwner('Alice')
  await place.until(() => presenceOf(again) === 'present')
  expect([presenceOf(laptop), presenceOf(phone)]).toEqual([undefined, 'present'])
})

test('[R156] a device of the owner that speaks at once changes what it says, and undoes nothing that the other one said', async () => {
  place = await governedRoom()
  const laptop = await place.joinAsOwner('Alice')
  const [bob, carol] = [await place.join('Bob'), await place.join('Carol')]
  await haveMet(laptop, bob, carol)
  await laptop.authority.setHost(bob.self.id)
  place.clock.advance(10)
  await laptop.authority.setHistory('call')
  await place.until(() => carol.snapshot.authority.history === 'call')
  await place.settle(laptop.leave())

  const phone = await place.join('Alice', { owner: await carriedTo(place) })
  await place.settle(phone.authority.setRule('ask'))
  await place.until(() => carol.snapshot.authority.rule === 'ask')
  expect(carol.snapshot.authority).toMatchObject({ rule: 'ask', history: 'call' })
  expect(bob.authority.role).toBe('host')
})

test('[R156] somebody who never says what it knows keeps the owner waiting for 3 s at most, and the end of its session for no time', async () => {
  place = await governedRoom()
  const bob = await place.join('Bob')
  // A session that the hub names, and that answers nobody.
  await place.hub.transport(randomParticipantId()).open()
  const laptop = await place.joinAsOwner('Alice')
  const startMs = place.clock.now()
  await place.settle(laptop.authority.setRule('ask'))
  expect(place.clock.now() - startMs).toBeGreaterThanOrEqual(2900)
  expect(place.clock.now() - startMs).toBeLessThanOrEqual(3500)
  await place.until(() => bob.snapshot.authority.rule === 'ask')

  const phone = await place.join('Alice', { owner: await carriedTo(place) })
  const refused = phone.authority.setRule('open').catch((error: { code: string }) => error.code)
  await place.settle(phone.leave())
  expect(await refused).toBe('ERR_CLIENT_CLOSED')
  await place.pass(5)
  expect(bob.snapshot.authority.rule).toBe('ask')
})

test('[R156, R73] members that know of no statement say so to the owner, who waits for nothing else', async () => {
  place = await governedRoom()
  const bob = await place.join('Bob')
  const laptop = await place.joinAsOwner('Alice')
  await haveMet(bob, laptop)
  const startMs = place.clock.now()
  await place.settle(laptop.authority.setRule('ask'))
  expect(place.clock.now() - startMs).toBeLessThan(2500)
})
