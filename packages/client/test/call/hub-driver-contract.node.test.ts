import { driverContract } from '@conclave/p2p/testing'
import { expect, test, vi } from 'vitest'
import { Room, createRoomLink, hubDriver } from '../../src/index.ts'
import { startHub } from '../room/start-hub.ts'

const rooms: Room[] = []
let stop: () => Promise<void>
const contract = driverContract({
  async connect() {
    const hub = await startHub(0)
    stop = () => hub.close()
    const link = await createRoomLink(`http://127.0.0.1:${hub.port}`)
    const join = async (name: string) => {
      const room = await Room.join(link, { name, media: false, persons: false })
      rooms.push(room)
      return hubDriver(room)
    }
    const drivers = [await join('Alice'), await join('Bob')] as const
    const haveMet = (): boolean => rooms.every(({ participants }) => participants.size === 1)
    await vi.waitUntil(haveMet, { timeout: 10_000 })
    return drivers
  },
  async close() {
    await Promise.all(rooms.splice(0).map((room) => room.leave()))
    await stop()
  },
  hearsItself: false,
  patienceMs: 10_000,
})

test.each(contract)('[S1, S2, S102] a room over a hub: $title', async ({ run }) =>
  expect(run()).resolves.toBeUndefined(),
)
