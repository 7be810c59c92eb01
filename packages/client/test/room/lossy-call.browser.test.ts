import { VirtualClock, createRandom, lose, transportThrough } from '@conclave/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Room, type Transport, createRoomLink } from '../../src/index.ts'
import { movingPicture } from '../attacks/moving-picture.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'

/** The calls with these seeds run at the same time. */
const SEEDS = [
  [1, 2, 3, 4, 5],
  [6, 7, 8, 9, 10],
]

test.each(SEEDS.map((seeds) => ({ seeds })))(
  '[R40] a call of two comes up within 20 s while a third of all messages is lost each way: $seeds',
  async ({ seeds }) => {
    const tookMs = await Promise.all(seeds.map(comesUp))
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(20_000)
  },
)

/** Resolves with the time on the rooms' clock until both have media and chat; rejects when that passes the bound. */
async function comesUp(seed: number): Promise<number> {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const clock = runningClock()
  const startMs = clock.now()
  const join = async (name: string, fork: number): Promise<Room> => {
    const [sent, received] = [4 * seed + fork, 4 * seed + fork + 1].map((each) =>
      lose({ share: 1 / 3, random: createRandom(each) }),
    )
    const transport = (self: Room['self']['id']): Transport =>
      transportThrough(hub.transport(self), { self, ...{ sent, received } })
    const room = await Room.join(link, { name, transport, clock })
    onTestFinished(() => room.leave())
    await room.publish(new MediaStream([movingPicture(64, 64)]))
    return room
  }
  const rooms = [await join('Alice', 0), await join('Bob', 2)]
  await new Promise<void>((resolve, reject) => {
    clock.setTimeout(
      () => reject(new Error(`seed ${seed}: ${rooms.map(describe).join(', ')}`)),
      20_000,
    )
    const greeted = new Set<Room>()
    for (const room of rooms) {
      room.subscribe(() => {
        if (room.participants.size > 0 && !greeted.has(room)) {
          greeted.add(room)
          void room.chat.send('hello')
        }
        if (rooms.every(isUp)) resolve()
      })
    }
  })
  return clock.now() - startMs
}

const isUp = (room: Room): boolean => describe(room) === 'connected ok hello'

/** The room's view of the other participant: its connection, its camera and its words. */
function describe(room: Room): string {
  const [other] = room.participants.values()
  const heard = room.chat.messages.filter(({ own }) => !own).map(({ text }) => text)
  return `${other?.connection} ${other?.tracks.get('camera')?.e2ee} ${heard.join(' ')}`
}

/** A virtual clock that runs as the page gets to it: a page that is slow has more time. */
function runningClock(): VirtualClock {
  const clock = new VirtualClock()
  const timer = setInterval(() => clock.advance(10), 10)
  onTestFinished(() => clearInterval(timer))
  return clock
}
