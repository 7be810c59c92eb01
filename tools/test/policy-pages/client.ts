/** Makes a link, and joins rooms with and without media. */
import { createRoomLink, Room } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { report } from './outcomes.ts'

const hub = new LocalHub({ atOnce: true })
const join = async (options: object): Promise<void> => {
  const link = await createRoomLink('https://meet.example')
  const room = await Room.join(link, { transport: (self) => hub.transport(self), ...options })
  await room.leave()
}

void report({
  'a link': () => createRoomLink('https://meet.example'),
  'a room with media': () => join({}),
  'a room that needs media': () => join({ media: 'required' }),
  'a room without media': () => join({ media: false }),
  'a driver': () => new BroadcastChannelDriver('policies').close(),
})
