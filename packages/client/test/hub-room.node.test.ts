import { createHub, createMemoryEngine } from '@conclave/server'
import { type Served, serve } from '@conclave/server/node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Room, createRoomLink } from '../src/index.ts'

let port = 0
let hub: Served
const rooms: Room[] = []

beforeEach(async () => {
  port = 0
  hub = await startHub()
})

afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.leave()))
  await hub.close()
})

it('[R2] two sessions meet over a real hub and talk', async () => {
  const link = await newLink()
  const ada = await join(link, 'Ada')
  const ben = await join(link, 'Ben')
  await expect.poll(() => names(ada)).toEqual(['Ben'])
  await expect.poll(() => names(ben)).toEqual(['Ada'])
  await ada.chat.send('hello')
  await expect.poll(() => texts(ben)).toEqual(['hello'])
  await expect.poll(() => ada.chat.messages[0]?.state).toBe('sent')
})

it('[R2] a link whose secret does not open the room is refused before anything is delivered', async () => {
  const link = await newLink()
  await join(link, 'Ada')
  const other = await newLink()
  const mixed = `${link.split('#')[0]}#${other.split('#')[1]}`
  await expect(join(mixed, 'Eve')).rejects.toMatchObject({ code: 'ERR_CLIENT_LINK_INVALID' })
})

it('[R2] without a hub the join ends with its own code', async () => {
  const link = await newLink()
  await hub.close()
  await expect(join(link, 'Ada')).rejects.toMatchObject({ code: 'ERR_CLIENT_UNREACHABLE' })
})

it('[R17] nothing is lost or doubled when the hub dies and comes back, again and again', async () => {
  const link = await newLink()
  const [ada, ben, cleo] = [
    await join(link, 'Ada'),
    await join(link, 'Ben'),
    await join(link, 'Cleo'),
  ]
  await expect.poll(() => names(cleo).toSorted()).toEqual(['Ada', 'Ben'])
  await expect.poll(() => names(ada).toSorted()).toEqual(['Ben', 'Cleo'])
  await expect.poll(() => names(ben).toSorted()).toEqual(['Ada', 'Cleo'])
  const said: string[] = []
  const say = async (room: Room, text: string): Promise<void> => {
    said.push(text)
    await room.chat.send(text)
  }
  for (let round = 0; round < 5; round += 1) {
    for (let n = 0; n < 10; n += 1) await say(n % 2 === 0 ? ada : ben, `${round}.${n}`)
    await hub.close()
    await say(ada, `${round} while it was away`)
    hub = await startHub()
    await say(ben, `${round} while others come back`)
  }
  for (const room of [ada, ben, cleo]) {
    await expect.poll(() => texts(room).length).toBe(said.length)
    expect(texts(room).toSorted()).toEqual(said.toSorted())
    expect(fromOneSender(room)).toEqual(fromOneSender(ada))
  }
  await expect.poll(() => ada.chat.messages.every(({ state }) => state === 'sent')).toBe(true)
})

it('[R6] six hundred messages at once come through, paced and in order', async () => {
  const link = await newLink()
  const ada = await join(link, 'Ada')
  const ben = await join(link, 'Ben')
  await expect.poll(() => names(ada)).toEqual(['Ben'])
  const all = Array.from({ length: 600 }, (_, index) => String(index))
  await Promise.all(all.map((text) => ada.chat.send(text)))
  await expect.poll(() => texts(ben).length).toBe(600)
  expect(texts(ben)).toEqual(all)
  expect((await ada.stats()).dropped).toEqual({})
})

it('[R14] whoever leaves is gone at once', async () => {
  const link = await newLink()
  const ada = await join(link, 'Ada')
  const ben = await join(link, 'Ben')
  await expect.poll(() => names(ada)).toEqual(['Ben'])
  await ben.leave()
  await expect.poll(() => names(ada)).toEqual([])
})

async function startHub(): Promise<Served> {
  const served = await serve({
    port,
    hub: (address) =>
      createHub({
        engine: createMemoryEngine(),
        origins: [`http://127.0.0.1:${address.port}`],
        allowNonBrowser: true,
      }),
  })
  port = served.port
  return served
}

async function newLink(): Promise<string> {
  return createRoomLink(`http://127.0.0.1:${port}`)
}

async function join(link: string, name: string): Promise<Room> {
  const room = await Room.join(link, { name, media: false })
  rooms.push(room)
  return room
}

const names = (room: Room): string[] => [...room.participants.values()].map(({ name }) => name)
const texts = (room: Room): string[] => room.chat.messages.map(({ text }) => text)
const fromOneSender = (room: Room): string[] =>
  room.chat.messages.filter(({ name }) => name === 'Ada').map(({ text }) => text)
