/** Data by a real hub, whose limits are the real ones. */
import { expect, onTestFinished, test } from 'vitest'
import { Room, createRoomLink } from '../../src/index.ts'
import { startHub } from '../room/start-hub.ts'

test('[R171, H23] a session that sends data as fast as it can is refused nothing by the hub and delays no chat', async () => {
  const hub = await startHub(0)
  onTestFinished(() => hub.close())
  const link = await createRoomLink(`http://127.0.0.1:${hub.port}`)
  const join = async (name: string): Promise<Room> => {
    const room = await Room.join(link, { name, media: false, persons: false })
    onTestFinished(() => room.leave())
    return room
  }
  const [alice, bob] = [await join('Alice'), await join('Bob')]
  const problems: string[] = []
  for (const room of [alice, bob]) room.on('problem', ({ code }) => problems.push(code))
  const blocks = await alice.topic<Uint8Array>('blocks')
  const heard: string[] = []
  const bobs = await bob.topic<Uint8Array>('blocks')
  bobs.on('value', ({ value }) => heard.push(`block ${value[0]}`))
  bob.on('chat', ({ message }) => heard.push(message.text))
  await expect.poll(() => blocks.participants.length).toBe(1)
  // More than a burst of the hub, at once: the last ones wait for its rate.
  const sending = Array.from({ length: COUNT }, (_, number) =>
    blocks.send(new Uint8Array(32_768).fill(number)),
  )
  await expect.poll(() => heard).toContain('block 0')
  const words = Array.from({ length: 20 }, (_, number) => `word ${number}`)
  for (const word of words) await alice.chat.send(word)
  await expect.poll(() => heard).toContain('word 19')
  expect(heard).not.toContain(`block ${COUNT - 1}`)
  await Promise.all(sending)
  await expect.poll(() => heard.length).toBe(COUNT + 20)
  expect(heard.filter((each) => each.startsWith('block'))).toEqual(
    Array.from({ length: COUNT }, (_, number) => `block ${number}`),
  )
  expect(heard.filter((each) => each.startsWith('word'))).toEqual(words)
  expect(alice.chat.messages.map(({ state }) => state)).toEqual(words.map(() => 'sent'))
  expect([problems, alice.state]).toEqual([[], 'connected'])
})

/** The last of them come seconds later, also on a slow machine. */
const COUNT = 32
