/** The bot of examples/06-chat-bot, over a real nats-server and over a real hub. */
import { Room, createRoomLink, driverTransport } from '@conclave/client'
import { NatsDriver } from '@conclave/driver-nats'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startBot } from '../../../examples/06-chat-bot/bot.ts'
import { startNatsServer } from './support/nats-server.ts'

const log: string[] = []
beforeEach(() => {
  log.length = 0
  vi.spyOn(console, 'log').mockImplementation((line: string) => void log.push(line))
})

test('[R165, R25] over NATS it sees who is there and answers in the chat, also after the server was killed; nothing of it needs WebRTC', async () => {
  expect('RTCPeerConnection' in globalThis).toBe(false)
  const server = await startNatsServer()
  onTestFinished(() => server.kill())
  const link = await createRoomLink('https://meet.example')
  const driver = new NatsDriver({ servers: server.tcp })
  await driver.open()
  onTestFinished(() => driver.close())
  const alice = await join(link, { transport: driverTransport(driver) })
  const bot = await startBot(link, { nats: server.tcp })
  onTestFinished(() => bot.close())
  await conversation(alice)

  const { port } = server
  await server.kill()
  const again = await startNatsServer({ port })
  onTestFinished(() => again.kill())
  await ask(alice, '!echo back', 'You said: back')
  await bot.close()
  await expect.poll(() => namesIn(alice)).toEqual([])
}, 120_000)

test('[R2, R25] over a hub it does the same, and who stays sees it leave', async () => {
  const hub = await serve({
    port: 0,
    hub: ({ port }) =>
      createHub({
        engine: createMemoryEngine(),
        origins: [`http://127.0.0.1:${port}`],
        allowNonBrowser: true,
      }),
  })
  onTestFinished(() => hub.close())
  const link = await createRoomLink(`http://127.0.0.1:${hub.port}`)
  const alice = await join(link)
  const bot = await startBot(link)
  await conversation(alice)
  await alice.leave()
  await expect.poll(() => log).toEqual(['Alice came', 'Alice left'])
  const bob = await join(link, { name: 'Bob' })
  await expect.poll(() => namesIn(bob)).toEqual(['Bot'])
  await bot.close()
  await expect.poll(() => namesIn(bob)).toEqual([])
})

/** Asks all that it knows, and something that it does not. */
async function conversation(room: Room): Promise<void> {
  await expect.poll(() => namesIn(room)).toEqual(['Bot'])
  await room.chat.send('hello, everyone')
  await ask(room, '!who', 'Here are I, Alice.')
  await ask(room, '!echo one two', 'You said: one two')
  await ask(room, '!help', 'I know !who, which says who is here, and !echo, which says it again.')
  const answers = room.chat.messages.filter(({ own }) => !own)
  expect(answers.map(({ name }) => name)).toEqual(['Bot', 'Bot', 'Bot'])
}

async function ask(room: Room, question: string, answer: string): Promise<void> {
  await room.chat.send(question)
  await expect.poll(() => room.chat.messages.at(-1)?.text).toBe(answer)
}

async function join(link: string, options: Parameters<typeof Room.join>[1] = {}): Promise<Room> {
  const room = await Room.join(link, { name: 'Alice', media: false, ...options })
  onTestFinished(() => room.leave())
  return room
}

const namesIn = (room: Room): readonly string[] =>
  [...room.participants.values()].map(({ name }) => name)
