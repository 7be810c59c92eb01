/** The servers of examples/09-your-own-server. */
import { Room, createRoomLink } from '@conclave/client'
import { expect, onTestFinished, test } from 'vitest'
import * as express from '../../../../examples/09-your-own-server/express.ts'
import * as fastify from '../../../../examples/09-your-own-server/fastify.ts'
import * as hono from '../../../../examples/09-your-own-server/hono.ts'
import * as node from '../../../../examples/09-your-own-server/node.ts'

test.each([
  ['node:http', node],
  ['Express', express],
  ['Fastify', fastify],
  ['Hono', hono],
] as const)(
  '[H61] in %s people meet at the hub, and the routes answer as before',
  async (_name, server) => {
    const running = await server.start()
    onTestFinished(() => running.close())
    const link = await createRoomLink(running.base)
    const [alice, bob] = await Promise.all([join(link, 'Alice'), join(link, 'Bob')])
    const heard = new Promise<string>((resolve) => {
      bob.on('chat', ({ message }) => resolve(`${message.name}: ${message.text}`))
    })
    await expect.poll(() => alice.participants.size).toBe(1)
    await alice.chat.send('hello')
    expect(await heard).toBe('Alice: hello')
    expect(await textAt(new URL('/hello', running.base))).toBe('200 hello')
    expect(await textAt(new URL('/realtime/other', running.base))).toMatch(/^404 /)
  },
)

async function join(link: string, name: string): Promise<Room> {
  const room = await Room.join(link, { name, media: false })
  onTestFinished(() => room.leave())
  return room
}

async function textAt(url: URL): Promise<string> {
  const response = await fetch(url)
  return `${response.status} ${await response.text()}`
}
