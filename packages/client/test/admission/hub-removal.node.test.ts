import { generateOwnerKeys } from '@conclave/e2ee/authority'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Room, type RoomOptions, createRoomLink } from '../../src/index.ts'
import type { Served } from '@conclave/server/node'
import { memoryPersons } from '../persons/memory-storage.ts'
import { startHub } from '../room/start-hub.ts'
import { haveMet } from '../support.ts'

let served: Served
let rooms: Room[]

beforeEach(async () => {
  served = await startHub(0)
  rooms = []
})

afterEach(async () => {
  await Promise.all(rooms.map((room) => room.leave()))
  await served.close()
})

/** A room at the hub, for its owner and for others. */
const openRoom = async () => {
  const owner = await generateOwnerKeys()
  const link = await createRoomLink(`http://127.0.0.1:${served.port}`, { owner })
  const join = async (name: string, options: RoomOptions = {}): Promise<Room> => {
    const room = await Room.join(link, { name, media: false, persons: memoryPersons(), ...options })
    rooms.push(room)
    return room
  }
  return { join, joinAsOwner: () => join('Alice', { owner }) }
}

test.each(['the owner', 'a host'])(
  '[R75, H37] a session that %s removes is told, and its connection ends',
  async (who) => {
    const { join, joinAsOwner } = await openRoom()
    const [alice, bob, carol] = [await joinAsOwner(), await join('Bob'), await join('Carol')]
    await haveMet([alice, bob, carol])
    await alice.authority.setHost(bob.self.id)
    await expect.poll(() => bob.authority.role).toBe('host')
    await (who === 'a host' ? bob : alice).authority.remove(carol.self.id)
    expect((await carol.closed).reason).toBe('removed')
    await haveMet([alice, bob])
  },
)

test('[R75, H37] a session that never came in hears from the hub only that it was refused', async () => {
  const { join, joinAsOwner } = await openRoom()
  const alice = await joinAsOwner()
  await alice.authority.setRule('ask')
  const carol = await join('Carol')
  await expect.poll(() => carol.snapshot.authority.standing).toBe('waiting')
  await alice.authority.refuse(carol.self.id)
  expect((await carol.closed).reason).toBe('removed')
  expect(alice.snapshot.authority.asking).toEqual([])
})
