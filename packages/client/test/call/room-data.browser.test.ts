/** Data over the connections of rooms, sealed under the keys of each pair, in real pages. */
import { generatePassphrase } from '@conclave/e2ee/passphrase'
import { Mesh } from '@conclave/p2p'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { expect, onTestFinished, test } from 'vitest'
import { MeshTransport } from '../../src/call/mesh-transport.ts'
import type { MediaTransportEvents } from '../../src/call/media-transport.ts'
import { Room, createRoomLink, encrypted, hubDriver } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

test('[S89, S97] the mesh of a room carries data between participants, in both directions, sealed in its connections', async () => {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const join = async (name: string) => {
    const received: MediaTransportEvents['data'][] = []
    const told: string[] = []
    let transport: MeshTransport | undefined
    const room = await Room.join(link, {
      ...{ name, transport: hub.transport.bind(hub) },
      media(context) {
        transport = new MeshTransport(context)
        transport.on('data', (message) => received.push(message))
        transport.on('dataOpened', ({ participant }) => told.push(`opened ${participant}`))
        transport.on('dataClosed', ({ participant }) => told.push(`closed ${participant}`))
        return transport
      },
    })
    onTestFinished(() => room.leave())
    if (transport === undefined) throw new Error('no transport was made')
    return { room, transport, received, told, id: room.self.id }
  }
  const [alice, bob] = [await join('Alice'), await join('Bob')]
  await expect.poll(() => alice.transport.canSendData(bob.id)).toBe(true)
  await expect.poll(() => bob.transport.canSendData(alice.id)).toBe(true)
  await alice.transport.sendData(bob.id, 'chat', text('hello'))
  await bob.transport.sendData(alice.id, 'chat', text('hello back'))
  await expect.poll(() => bob.received.map(({ bytes }) => textOf(bytes))).toEqual(['hello'])
  await expect.poll(() => alice.received.map(({ bytes }) => textOf(bytes))).toEqual(['hello back'])
  expect(bob.received[0]).toMatchObject({ participant: alice.id, channel: 'chat', reliable: true })
  await bob.room.leave()
  await expect.poll(() => alice.told).toEqual([`opened ${bob.id}`, `closed ${bob.id}`])
  expect(alice.transport.canSendData(bob.id)).toBe(false)
  await expect(alice.transport.sendData(bob.id, 'chat', text('gone'))).rejects.toMatchObject({
    code: 'ERR_P2P_DATA_CLOSED',
  })
})

/** A mesh for data only, and what came to it. */
const listen = (mesh: Mesh) => {
  onTestFinished(() => mesh.close())
  const received: string[] = []
  mesh.on('data', ({ peer, channel, bytes }) =>
    received.push(`${peer} ${channel} ${textOf(bytes)}`),
  )
  return { mesh, received }
}

test('[S89, S95, S97] a mesh for data only takes its seal from the driver of a room', async () => {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const join = async (name: string) => {
    const transport = hub.transport.bind(hub)
    const room = await Room.join(link, { name, transport, media: false })
    onTestFinished(() => room.leave())
    const driver = hubDriver(room)
    return {
      id: driver.id,
      ...listen(new Mesh({ driver, room: 'data', id: driver.id, media: false })),
    }
  }
  const [alice, bob] = [await join('Alice'), await join('Bob')]
  alice.mesh.addPeer(bob.id)
  bob.mesh.addPeer(alice.id)
  await expect.poll(() => alice.mesh.canSendData(bob.id)).toBe(true)
  await alice.mesh.sendData(bob.id, 'notes', text('hello'))
  await expect.poll(() => bob.received).toEqual([`${alice.id} notes hello`])
})

test('[S89, S95, S97] and from a driver that `encrypted` made, over any bus, which sees nothing of it', async () => {
  const bus = new MemoryBus()
  const passphrase = generatePassphrase()
  const join = async () => {
    const driver = encrypted(new MemoryDriver(bus), { passphrase })
    await driver.join('data')
    onTestFinished(() => driver.close())
    return {
      id: driver.id,
      ...listen(new Mesh({ driver, room: 'data', id: driver.id, media: false })),
    }
  }
  const [alice, bob] = [await join(), await join()]
  alice.mesh.addPeer(bob.id)
  bob.mesh.addPeer(alice.id)
  await expect.poll(() => alice.mesh.canSendData(bob.id)).toBe(true)
  await alice.mesh.sendData(bob.id, 'notes', text('hello'))
  await expect.poll(() => bob.received).toEqual([`${alice.id} notes hello`])
})
