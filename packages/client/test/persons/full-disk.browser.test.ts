/** A disk without space, in a real browser. */
import { ensurePersonKeys } from '@conclave/e2ee/session'
import { type RoomId, bytesToRoomId } from '@conclave/wire'
import { afterEach, expect, test } from 'vitest'
import { useSmallDisk } from '../../../../tools/small-disk.ts'
import { type PersonStorage, pagePersonStorage } from '../../src/index.ts'
import { localRoom } from '../support.ts'

const ROOM = bytesToRoomId(new Uint8Array(16).fill(1)) as RoomId
let place: Awaited<ReturnType<typeof localRoom>> | undefined
afterEach(() => place?.leave())

function page(): PersonStorage {
  const storage = pagePersonStorage()
  if (storage === undefined) throw new Error('expected a database')
  return storage
}

test('[R85] a session joins without a person, and tells of it, when there is no space for one', async () => {
  await useSmallDisk(1)
  place = await localRoom()
  const problems: string[] = []
  const alice = await place.join('Alice', { persons: undefined })
  alice.on('problem', ({ code }) => problems.push(code))
  const bob = await place.join('Bob', { persons: false })
  await expect.poll(() => bob.participants.size).toBe(1)
  await alice.chat.send('without a person')
  await expect.poll(() => bob.chat.messages.map(({ text }) => text)).toEqual(['without a person'])
  expect(problems).toEqual(['ERR_CLIENT_PERSON'])
})

test('[R88] confirmed persons that do not fit are refused with the reason, and those before stay', async () => {
  await useSmallDisk(120_000)
  await page().changeConfirmed(ROOM, () => ['Bob'])
  const large = page().changeConfirmed(ROOM, () => ['Carol'.repeat(100_000)])
  await expect(large).rejects.toMatchObject({ name: 'QuotaExceededError' })
  expect(await page().readConfirmed(ROOM)).toEqual(['Bob'])
})

test('[R88] keys that do not fit are refused with the reason', async () => {
  await useSmallDisk(1)
  await expect(ensurePersonKeys(ROOM, { storage: page() })).rejects.toMatchObject({
    code: 'ERR_E2EE_STORAGE',
    cause: { name: 'QuotaExceededError' },
  })
})
