/** A file over a real data connection, which is lost in the middle. Chromium and Firefox. */
import { equalBytes } from '@conclave/base'
import { expect, onTestFinished, test } from 'vitest'
import { MeshTransport } from '../../src/call/mesh-transport.ts'
import { type IncomingFile, Room, createRoomLink } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'
import { contentOf } from './file-stand.ts'

const SIZE = 4_000_000

test('[R178, R195, R198] a file goes over a data connection, and over the next one when that is lost in the middle', async () => {
  const channels = countChannels()
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const [alice, bob] = [await join(hub, link), await join(hub, link)]
  const areConnected = (): boolean =>
    alice.media.canSendData(bob.room.self.id) && bob.media.canSendData(alice.room.self.id)
  const offered = new Promise<IncomingFile>((resolve) =>
    bob.room.on('file', ({ file }) => resolve(file)),
  )
  await expect.poll(areConnected).toBe(true)
  const { done } = await alice.room.files.send(new Blob([contentOf(SIZE)]))
  const incoming = await offered
  const before = bytesSeen(hub)
  const lost = new Promise<ReadonlySet<RTCDataChannel>>((resolve) => {
    const stop = incoming.on('progress', ({ bytes }) => {
      if (bytes < SIZE / 4) return
      stop()
      incoming.pause()
      const first = new Set(channels.keys())
      // Bob's ends are closed, so that what is on its way is lost.
      bob.media.removeParticipant(alice.room.self.id)
      bob.media.addParticipant(alice.room.self.id)
      resolve(first)
    })
  })
  const accepted = incoming.accept()
  const first = await lost
  const isReplaced = (): boolean =>
    [...first].every(({ readyState }) => readyState === 'closed') && areConnected()
  await expect.poll(isReplaced).toBe(true)
  incoming.resume()
  const blob = await accepted
  const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())
  expect(equalBytes(bytes, contentOf(SIZE))).toBe(true)
  expect(await done).toEqual([{ reason: 'received', by: 'other' }])
  const sentIn = (isFirst: boolean): number =>
    [...channels].reduce(
      (sum, [channel, sent]) => sum + (first.has(channel) === isFirst ? sent : 0),
      0,
    )
  expect(sentIn(true)).toBeGreaterThan(SIZE / 4)
  expect(sentIn(false)).toBeGreaterThan(SIZE / 4)
  expect(bytesSeen(hub) - before).toBeLessThan(SIZE / 4)
})

async function join(hub: LocalHub, link: string) {
  let media: MeshTransport | undefined
  const room = await Room.join(link, {
    transport: hub.transport.bind(hub),
    media(context) {
      media = new MeshTransport(context)
      return media
    },
  })
  onTestFinished(() => room.leave())
  if (media === undefined) throw new Error('no media was made')
  return { room, media }
}

const bytesSeen = ({ seen }: LocalHub): number =>
  seen.reduce((sum, { payload }) => sum + payload.length, 0)

/** The data channels that the page makes until the test ends, each with the bytes that were sent in it. */
function countChannels(): ReadonlyMap<RTCDataChannel, number> {
  const channels = new Map<RTCDataChannel, number>()
  const { createDataChannel } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.createDataChannel = function (label, options) {
    const channel = createDataChannel.call(this, label, options)
    const send = channel.send.bind(channel)
    channels.set(channel, 0)
    Object.assign(channel, {
      send(data: ArrayBufferView<ArrayBuffer>): void {
        channels.set(channel, (channels.get(channel) ?? 0) + data.byteLength)
        send(data)
      },
    })
    return channel
  }
  onTestFinished(() => {
    RTCPeerConnection.prototype.createDataChannel = createDataChannel
  })
  return channels
}
