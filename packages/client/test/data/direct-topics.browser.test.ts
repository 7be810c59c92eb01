/** Topics over data connections of real pages, which end, and over the hub meanwhile. */
import { createRandom } from '@conclave/base/testing'
import { expect, onTestFinished, test } from 'vitest'
import { MeshTransport } from '../../src/call/mesh-transport.ts'
import { Room, createRoomLink } from '../../src/index.ts'
import { LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'

test('[R178, R180] reliable values come once and in order while data connections and the hub come and go', async () => {
  const channels = openChannels()
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const [alice, bob] = [await join(hub, link), await join(hub, link)]
  await expect.poll(() => alice.media.canSendData(bob.room.self.id)).toBe(true)
  await expect.poll(() => bob.media.canSendData(alice.room.self.id)).toBe(true)
  const numbers = await alice.room.topic<number>('numbers')
  const heard: number[] = []
  const bobs = await bob.room.topic<number>('numbers')
  bobs.on('value', ({ value }) => heard.push(value))
  await expect.poll(() => numbers.participants).toEqual([bob.room.self.id])
  const random = createRandom(11)
  const before = hub.seen.length
  let sent = 0
  for (let kill = 0; kill < 10; kill += 1) {
    for (let each = 0; each < 100; each += 1) {
      await numbers.send(sent)
      sent += 1
    }
    const chance = random()
    if (chance < 0.3) {
      // Closing takes a while, in which the channels look alive.
      for (const channel of channels) channel.close()
    } else if (chance < 0.6) {
      // The connections of both directions end; they are made again for the next participant that is added.
      alice.media.removeParticipant(bob.room.self.id)
      alice.media.addParticipant(bob.room.self.id)
    } else {
      hub.kill()
      hub.restart([alice.transport(), bob.transport()])
    }
  }
  await expect.poll(() => heard.length, { timeout: 30_000 }).toBe(sent)
  expect(heard).toEqual(Array.from({ length: sent }, (_, number) => number))
  expect(hub.seen.length).toBeGreaterThan(before)
})

test('[R178] data goes past the hub where there is a data connection, also while the hub is away', async () => {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const [alice, bob] = [await join(hub, link), await join(hub, link)]
  const [one, two] = [await alice.room.topic('words'), await bob.room.topic('words')]
  const heard: unknown[] = []
  two.on('value', ({ value }) => heard.push(value))
  await expect.poll(() => one.participants.length).toBe(1)
  await expect.poll(() => alice.media.canSendData(bob.room.self.id)).toBe(true)
  await expect.poll(() => bob.media.canSendData(alice.room.self.id)).toBe(true)
  hub.kill()
  await one.send('no hub')
  await expect.poll(() => heard).toEqual(['no hub'])
})

async function join(hub: LocalHub, link: string) {
  let media: MeshTransport | undefined
  let transport: LocalTransport | undefined
  const room = await Room.join(link, {
    transport(self) {
      transport = hub.transport(self)
      return transport
    },
    media(context) {
      media = new MeshTransport(context)
      return media
    },
  })
  onTestFinished(() => room.leave())
  if (media === undefined) throw new Error('no media was made')
  return { room, media, transport: () => transport as LocalTransport }
}

/** The data channels that the page makes until the test ends. */
function openChannels(): ReadonlySet<RTCDataChannel> {
  const channels = new Set<RTCDataChannel>()
  const { createDataChannel } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.createDataChannel = function (label, options) {
    const channel = createDataChannel.call(this, label, options)
    channels.add(channel)
    return channel
  }
  onTestFinished(() => {
    RTCPeerConnection.prototype.createDataChannel = createDataChannel
  })
  return channels
}
