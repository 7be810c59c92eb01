/** The quick start of the seed, in clear, with only the import line and the driver changed. */
import { afterEach, expect, test } from 'vitest'
import type { Driver } from '@conclave/p2p'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { Receiver, Sender } from '@conclave/p2p/plain'
import { until } from '../support/bench.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const overMemory = (): Driver[] => {
  const bus = new MemoryBus()
  return [new MemoryDriver(bus), new MemoryDriver(bus)]
}
let channels = 0
const overBroadcastChannel = (): Driver[] => {
  const name = `plain ${(channels += 1)}`
  const drivers = [new BroadcastChannelDriver(name), new BroadcastChannelDriver(name)]
  ends.push(() => drivers.forEach((driver) => driver.close()))
  return drivers
}

test.each([
  ['memory', overMemory],
  ['BroadcastChannel', overBroadcastChannel],
])('[S36, S38, S80, S81] sound and picture, over %s', async (_name, connect) => {
  const [driver, other] = connect()
  if (driver === undefined || other === undefined) throw new Error('no drivers')
  const log: string[] = []
  const receiver = new Receiver({ driver })
  const video = document.createElement('video')
  video.muted = true
  video.autoplay = true
  document.body.append(video)
  receiver.addEventListener('stream', (e) => {
    const { id, stream } = e.detail
    log.push(`stream ${id}`)
    video.srcObject = stream
  })
  receiver.addEventListener('connect', (e) => {
    const { id } = e.detail
    log.push(`connect ${id}`)
  })
  receiver.addEventListener('dispose', (e) => {
    const { id } = e.detail
    log.push(`dispose ${id}`)
  })
  void receiver.start({ room: 'demo-room' })

  const sender = new Sender({ driver: other })
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
  ends.push(() => stream.getTracks().forEach((track) => track.stop()))
  void sender.start({ stream, room: 'demo-room' })

  await until('a picture', () => video.videoWidth > 0)
  expect(
    (video.srcObject as MediaStream)
      .getTracks()
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['audio', 'video'])
  await sender.stop()
  await until('the end', () => log.includes(`dispose ${sender.id}`))
  expect(log.toSorted()).toEqual(
    [`connect ${sender.id}`, `dispose ${sender.id}`, `stream ${sender.id}`].toSorted(),
  )
  await receiver.stop()
  video.remove()
})

test('[S80, S82] the example runs', async () => {
  const video = document.createElement('video')
  video.muted = true
  video.autoplay = true
  document.body.append(video)
  const { receiver } = (await import(`${EXAMPLE}/receiver.mjs`)) as { receiver: Receiver }
  const { sender, stream } = (await import(`${EXAMPLE}/sender.mjs`)) as {
    sender: Sender
    stream: MediaStream
  }
  await until('a picture', () => video.videoWidth > 0)
  expect([sender.protection, receiver.protection]).toEqual(['none', 'none'])
  await sender.stop()
  await receiver.stop()
  for (const track of stream.getTracks()) track.stop()
  video.remove()
})

const EXAMPLE = '../../../../examples/04-plain-seed'
