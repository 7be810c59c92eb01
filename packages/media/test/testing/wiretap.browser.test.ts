import { expect, onTestFinished, test } from 'vitest'
import { spawnFrameWorker } from '@conclave/media'
import { readRecording, spawnRecordingWorker } from '@conclave/media/testing'
import type { RecordedFrame } from '@conclave/media/testing'
import { connect, createSide, framesDecoded } from '../support/call.ts'

const within = { timeout: 20_000, interval: 100 }

const toText = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const at = (frames: readonly RecordedFrame[], point: RecordedFrame['point']): RecordedFrame[] =>
  frames.filter((frame) => frame.point === point && frame.data.length > 0)

/** A call of which more than so many frames were decoded, with workers that record; the sender's worker first. */
const startRecordedCall = async (frames: number): Promise<readonly [Worker, Worker]> => {
  const workers = [spawnRecordingWorker(), spawnRecordingWorker()] as const
  const from = createSide({ createWorker: () => workers[0] })
  const to = createSide({ createWorker: () => workers[1] })
  const call = await connect({ from, to })
  onTestFinished(async () => {
    call.close()
    await from.crypto.close()
    await to.crypto.close()
  })
  await call.isProtected
  await call.startTracks()
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(frames)
  return workers
}

test('[M27, M1] T1: the bytes on the network are never those of the encoder, and hold no run of them', async () => {
  const workers = await startRecordedCall(30)
  const received = await readRecording(workers[1])
  const sent = await readRecording(workers[0])

  const encoded = at(sent, 'encoder')
  const network = at(received, 'from-network')
  expect(network.length).toBeGreaterThan(60)
  const whole = new Set(encoded.map(({ data }) => toText(data)))
  const runs = new Set<string>()
  for (const { data, kind } of encoded) {
    const clear = kind === 'video' ? vp8ClearBytes(data) : 0
    for (let i = clear; i + RUN <= data.length; i += 1) runs.add(toText(data.subarray(i, i + RUN)))
  }
  for (const { data, kind } of network) {
    expect(whole.has(toText(data))).toBe(false)
    const clear = kind === 'video' ? vp8ClearBytes(data) : 0
    for (let i = clear; i + RUN <= data.length; i += 1) {
      if (runs.has(toText(data.subarray(i, i + RUN)))) throw new Error(`clear bytes at ${i}`)
    }
  }
  // The recorder works: what came out of the opener is what went into the sealer.
  const decoded = at(received, 'decoder')
  expect(decoded.length).toBeGreaterThan(60)
  for (const { data } of decoded) expect(whole.has(toText(data))).toBe(true)
  // And every frame that left was sealed before.
  const sealed = new Set(at(sent, 'to-network').map(({ data }) => toText(data)))
  for (const { data } of network) expect(sealed.has(toText(data))).toBe(true)
})

test('[M27] T1: no decoder makes pictures of the call out of the bytes of the wiretap', async () => {
  const workers = await startRecordedCall(10)
  const [sent, received] = await Promise.all(workers.map(readRecording))
  const wish = { label: 'camera' } as const
  const video = (frames: readonly RecordedFrame[] = [], point: RecordedFrame['point']) =>
    at(frames, point).filter(({ label }) => label === wish.label)
  const pictures = await decodeVp8(video(sent, 'encoder'))
  expect(pictures.length).toBeGreaterThan(5)
  const [first = [], second = []] = pictures
  expect(differenceOf(first, second)).toBeLessThan(ALIKE)
  // A decoder of VP8 rejects few bytes: once in a while it makes something of noise.
  for (const noise of await decodeVp8(video(received, 'from-network'))) {
    const nearest = Math.min(...pictures.map((picture) => differenceOf(picture, noise)))
    expect(nearest).toBeGreaterThan(ALIKE)
  }
})

test('[M27] the production worker keeps no recording', async () => {
  const worker = spawnFrameWorker()
  onTestFinished(() => worker.terminate())
  let isAnswered = false
  void readRecording(worker).then(() => {
    isAnswered = true
  })
  const started = new Promise<unknown>((resolve) => {
    worker.addEventListener('message', ({ data }) => resolve(data))
  })
  worker.postMessage({
    type: 'request',
    number: 1,
    request: { type: 'start', version: 1, suite: 4 },
  })
  expect(await started).toMatchObject({ type: 'reply', number: 1 })
  expect(isAnswered).toBe(false)
})

/** The brightness of each place in a picture, from 0 to 255. */
type Picture = readonly number[]

/** The pictures that the browser's own decoder makes of these frames until it gives up. */
const decodeVp8 = async (frames: readonly RecordedFrame[]): Promise<readonly Picture[]> => {
  const pictures: Picture[] = []
  const canvas = new OffscreenCanvas(16, 16)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const decoder = new VideoDecoder({
    output: (picture) => {
      context?.drawImage(picture, 0, 0, 16, 16)
      picture.close()
      const { data = new Uint8ClampedArray() } = context?.getImageData(0, 0, 16, 16) ?? {}
      pictures.push([...data])
    },
    error: () => {},
  })
  decoder.configure({ codec: 'vp8' })
  for (const [i, { data }] of frames.entries()) {
    if (decoder.state !== 'configured') break
    const type = ((data[0] ?? 0) & 1) === 0 ? 'key' : 'delta'
    decoder.decode(
      new EncodedVideoChunk({ type, timestamp: i * 33_000, data: data as Uint8Array<ArrayBuffer> }),
    )
  }
  await decoder.flush().catch(() => {})
  return pictures
}

/** The mean difference of two pictures in one place. */
const differenceOf = (one: Picture, other: Picture): number =>
  one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length

/** Pictures of one call, a few frames apart, differ less. */
const ALIKE = 6

/** VP8: ten bytes of a key frame, one of another. */
const vp8ClearBytes = ([first = 0]: Uint8Array): number => ((first & 1) === 0 ? 10 : 1)

/** Long enough never to occur by chance, short enough to show any piece of a frame. */
const RUN = 8
