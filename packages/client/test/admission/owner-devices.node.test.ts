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
  await phone.authority.setRule('ask')
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
