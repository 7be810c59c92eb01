/** Whole rooms over a real nats-server, without a hub: in Node, and through crashes of the server. */
import { Room, createRoomLink, driverTransport } from '@conclave/client'
import { NatsDriver } from '@conclave/driver-nats'
import { connect } from '@nats-io/transport-node'
import { afterEach, expect, test } from 'vitest'
import { startNatsServer } from './support/nats-server.ts'
import type { NatsServer } from './support/nats-server.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const join = async (link: string, name: string, servers: string): Promise<Room> => {
  const driver = new NatsDriver({ servers })
  await driver.open()
  ends.push(() => driver.close())
  const room = await Room.join(link, { name, media: false, transport: driverTransport(driver) })
  ends.push(() => room.leave())
  return room
}

const textsOf = (room: Room): string[] => room.chat.messages.map(({ text }) => text)
const within = { timeout: 50_000 }

test('[R165, S66] three sessions talk, and the server carries nothing that can be read', async () => {
  const server = await startNatsServer()
  ends.push(() => server.kill())
  const listener = await connect({ servers: server.tcp })
  ends.push(() => listener.close())
  const carried: string[] = []
  listener.subscribe('>', {
    callback: (_, { subject, data }) =>
      void carried.push(subject, Buffer.from(data).toString('latin1')),
  })
  await listener.flush()
  const link = await createRoomLink('https://meet.example')
  const rooms = [
    await join(link, 'Alice', server.tcp),
    await join(link, 'Bob', server.web),
    await join(link, 'Carol', server.tcp),
  ]
  for (const room of rooms) await expect.poll(() => room.participants.size, within).toBe(2)
  await rooms[0]?.chat.send('a zebra crosses the road')
  for (const room of rooms) {
    await expect.poll(() => textsOf(room), within).toEqual(['a zebra crosses the road'])
  }
  const [, secret = ''] = link.split('#')
  const [roomId = ''] = new URL(link).pathname.split('/').slice(-1)
  expect(carried.length).toBeGreaterThan(20)
  for (const text of ['zebra', 'Alice', roomId, secret.slice(0, 20)]) {
    expect(carried.join('\n')).not.toContain(text)
  }
}, 60_000)

test('[R165, S73, S74, S83] nothing is lost, doubled or out of order while the server is killed again and again', async () => {
  let server: NatsServer = await startNatsServer()
  ends.push(() => server.kill())
  const link = await createRoomLink('https://meet.example')
  const [alice, bob] = [await join(link, 'Alice', server.tcp), await join(link, 'Bob', server.tcp)]
  await expect.poll(() => [alice.participants.size, bob.participants.size], within).toEqual([1, 1])
  const said: string[] = []
  for (let kill = 0; kill < 5; kill += 1) {
    for (let i = 0; i < 10; i += 1) {
      said.push(`${kill} ${i}`)
      void alice.chat.send(`${kill} ${i}`)
    }
    const { port } = server
    await server.kill()
    server = await startNatsServer({ port })
    await expect.poll(() => textsOf(bob).length, within).toBe(said.length)
  }
  expect(textsOf(bob)).toEqual(said)
  await expect
    .poll(() => alice.chat.messages.every(({ state }) => state === 'sent'), within)
    .toBe(true)
}, 120_000)
