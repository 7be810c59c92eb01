/** Wishes of receiving sides, between real connections. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Clock } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import type { SyncMessage } from '@conclave/p2p'
import { Bench, expectPicture, framesDecoded, stats, until } from '../support/bench.ts'
import type { Peer } from '../support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await bench.close()
})

test('[S124, S125] a paused video sends no packet and costs no encoder, and comes back with a key frame within a second', async () => {
  const { alice, bob, carol } = await threeOf()
  expect(alice.mesh.isWatched('camera')).toBe(true)
  bob.mesh.watch('alice', 'camera', 'paused')
  await until('the pause', async () => (await video(alice, 'bob')).active === false)
  const [before, others] = [await video(alice, 'bob'), await framesDecoded(carol, 'alice')]
  await until('others go on', async () => (await framesDecoded(carol, 'alice')) > others + 10)
  const paused = await video(alice, 'bob')
  expect(paused.packetsSent).toBe(before.packetsSent)
  expect(paused.framesEncoded).toBe(before.framesEncoded)
  expect((await video(alice, 'carol')).active).toBe(true)
  expect(alice.mesh.isWatched('camera')).toBe(true)
  const shown = await framesDecoded(bob, 'alice')
  bob.mesh.watch('alice', 'camera', 'full')
  await until('the picture', async () => (await framesDecoded(bob, 'alice')) > shown, 1000)
  expect((await video(alice, 'bob')).keyFramesEncoded).toBeGreaterThan(paused.keyFramesEncoded ?? 0)
  expect([alice.errors, bob.errors]).toEqual([[], []])
})

test('[S32, S125] packets of a paused video are not missed, and sound goes on whatever is wished', async () => {
  const clock = new VirtualClock()
  bench.run(clock)
  const { alice, bob } = await threeOf(clock)
  bob.mesh.watch('alice', 'camera', 'paused')
  await until('the pause', async () => (await video(alice, 'bob')).active === false)
  for (let look = 0; look < 16; look += 1) {
    clock.advance(250)
    await stats(bob.mesh.connections('alice').receive)
  }
  const restarts = bench.messages('bob', 'sync').filter((sync) => (sync as SyncMessage).restart)
  expect(restarts).toEqual([])
  alice.mesh.setTrack('microphone', 'audio', bench.tone())
  bob.mesh.watch('alice', 'microphone', 'paused')
  const sent = (): Promise<Entry> => entryOf(alice, 'bob', 'audio')
  await until('the wish', () => wishes('bob').some((text) => text.includes('microphone')))
  const { packetsSent = 0 } = await sent()
  await until('the sound', async () => ((await sent()).packetsSent ?? 0) > packetsSent + 20)
})

test('[S125] of a video that is wanted low few lines and pictures are sent, and of a screen all lines', async () => {
  const { alice, bob } = await threeOf()
  alice.mesh.setTrack('screen', 'video', bench.picture('orange', 640, 480))
  await until('the screen', () => bob.tracks.has('alice screen'))
  bob.mesh.watch('alice', 'camera', 'low')
  bob.mesh.watch('alice', 'screen', 'low')
  const encoding = (label: string): RTCRtpEncodingParameters | undefined => {
    const senders = alice.mesh.connections('bob').send?.getSenders() ?? []
    const height = label === 'screen' ? 480 : 240
    return senders.find(({ track }) => track?.getSettings().height === height)?.getParameters()
      .encodings[0]
  }
  await until('less', () => encoding('screen')?.maxFramerate === 5)
  await until('less', () => encoding('camera')?.maxFramerate === 12)
  expect(encoding('camera')).toMatchObject({ maxBitrate: 150_000, active: true })
  expect(encoding('camera')?.scaleResolutionDownBy).toBeCloseTo(240 / 180)
  expect(encoding('screen')?.scaleResolutionDownBy).toBe(1)
})

test('[S125, S117] more changes than 32 at once are not followed until they are said again later', async () => {
  const [clock, alices] = [new VirtualClock(), new VirtualClock()]
  const stops = [bench.run(clock), bench.run(alices)]
  const { alice, bob } = await threeOf(clock, alices)
  for (const stop of stops) stop()
  for (let change = 0; change < 41; change += 1) {
    const count = wishes('bob').length
    bob.mesh.watch('alice', 'camera', change % 2 === 0 ? 'paused' : 'full')
    clock.advance(50)
    await until('the message', () => wishes('bob').length > count)
  }
  await until('the refusal', () => alice.mesh.drops.has('rate'))
  alices.advance(10_000)
  for (let change = 0; change < 8; change += 1) clock.advance(500)
  await until('the pause', async () => (await video(alice, 'bob')).active === false)
  expect(alice.mesh.drops.get('rate')).toBeLessThan(20)
})

test('[S126] a wish holds for later connections, until the peer leaves the roster', async () => {
  const { alice, bob } = await threeOf()
  bob.mesh.watch('alice', 'camera', 'paused')
  await until('the pause', async () => (await video(alice, 'bob')).active === false)
  bob.mesh.changePeer('alice', { receive: false })
  bob.mesh.changePeer('alice', { receive: true })
  const first = alice.mesh.connections('bob').send
  await until('another connection', () => alice.mesh.connections('bob').send !== first)
  await until('the pause', async () => (await video(alice, 'bob')).active === false)
  for (const given of [
    ['nobody', 'camera', 'low'],
    ['alice', '', 'low'],
    ['alice', 'camera', 'more'],
  ] as const) {
    expect(() => bob.mesh.watch(given[0], given[1], given[2] as 'low')).toThrow(TypeError)
  }
})

test('[S127] a mesh at the last level wants every camera low', async () => {
  vi.stubGlobal('navigator', { hardwareConcurrency: 0.05 })
  const { alice, bob } = await threeOf()
  bob.mesh.setTrack('camera', 'video', bench.picture('plum'))
  await until('the wish', () => wishes('alice').length > 0)
  expect(wishes('alice')[0]).toBe('[{"label":"camera","wish":"low"}]')
  await expectPicture(alice, 'bob')
})

/** Alice sends a camera to Bob and Carol, who see it. */
async function threeOf(clock?: Clock, alices?: Clock) {
  const [alice, bob, carol] = [
    await bench.peer('alice', { ...(alices && { clock: alices }) }),
    await bench.peer('bob', { ...(clock && { clock }) }),
    await bench.peer('carol'),
  ]
  alice.mesh.setTrack('camera', 'video', bench.picture('teal'))
  bench.introduce(alice, bob, carol)
  await Promise.all([expectPicture(bob, 'alice'), expectPicture(carol, 'alice')])
  return { alice, bob, carol }
}

/** The wishes of somebody until now, as JSON. */
const wishes = (from: string): readonly string[] =>
  bench
    .messages(from, 'sync')
    .map((sync) => JSON.stringify((sync as SyncMessage).wishes))
    .filter((text) => text !== undefined)

interface Entry {
  readonly type: string
  readonly kind?: string
  readonly active?: boolean
  readonly packetsSent?: number
  readonly framesEncoded?: number
  readonly keyFramesEncoded?: number
}

const video = (peer: Peer, to: string): Promise<Entry> => entryOf(peer, to, 'video')

async function entryOf(peer: Peer, to: string, kind: string): Promise<Entry> {
  const entries: readonly Entry[] = await stats(peer.mesh.connections(to).send)
  const found = entries.find((entry) => entry.type === 'outbound-rtp' && entry.kind === kind)
  return found ?? { type: 'none' }
}
