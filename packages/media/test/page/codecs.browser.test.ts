import { expect, onTestFinished, test } from 'vitest'
import type { TransformApi } from '@conclave/media'
import { readRecording, spawnRecordingWorker } from '@conclave/media/testing'
import type { RecordedFrame } from '@conclave/media/testing'
import { connect, createSide, framesDecoded, negotiate } from '../support/call.ts'
import type { Call, CallOptions, Side } from '../support/call.ts'
import { SUPPLEMENT, unitTypes } from '../support/supplement.ts'

const within = { timeout: 20_000, interval: 100 }

const codecs = ['video/vp9', 'video/av1', 'video/h264'] as const
const apis: readonly TransformApi[] = ['script-transform', 'encoded-streams']
const toText = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const videoAt = (frames: readonly RecordedFrame[], point: RecordedFrame['point']): string[] =>
  frames
    .filter((frame) => frame.point === point && frame.kind === 'video')
    .map(({ data }) => toText(data))

/** A call whose workers record, and that ends with the test. */
const startCall = async (
  options: Partial<CallOptions> & {
    readonly api?: TransformApi
    readonly spawnWorker?: () => Worker
  },
): Promise<RecordedCall> => {
  const { api = 'auto', spawnWorker = spawnRecordingWorker, ...rest } = options
  const workers = [spawnWorker(), spawnRecordingWorker()] as const
  const from = createSide({ api, createWorker: () => workers[0] })
  const to = createSide({ api, createWorker: () => workers[1] })
  const call = await connect({ from, to, ...rest })
  onTestFinished(async () => {
    call.close()
    await Promise.all([from.crypto.close(), to.crypto.close()])
  })
  await call.isProtected
  await call.startTracks()
  return { call, from, to, workers }
}

interface RecordedCall {
  readonly call: Call
  readonly from: Side
  readonly to: Side
  readonly workers: readonly [Worker, Worker]
}

/** Every frame on the network is sealed, and every one for the decoder came from the encoder; how many these were. */
const expectSealed = async ({ workers, to }: RecordedCall): Promise<number> => {
  const received = await readRecording(workers[1])
  const sent = await readRecording(workers[0])
  const whole = new Set(videoAt(sent, 'encoder'))
  const decoded = videoAt(received, 'decoder')
  expect(videoAt(received, 'from-network').filter((frame) => whole.has(frame))).toEqual([])
  expect(videoAt(sent, 'to-network').filter((frame) => whole.has(frame))).toEqual([])
  expect(decoded.filter((frame) => !whole.has(frame))).toEqual([])
  const { dropped } = await to.crypto.stats()
  expect(dropped).toMatchObject({ 'not-authentic': 0, malformed: 0, 'unsupported-codec': 0 })
  return decoded.length
}

const more = async (call: Call, frames = 20): Promise<void> => {
  const before = await framesDecoded(call)
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(before + frames)
}

test.for(codecs.flatMap((codec) => apis.map((api) => [codec, api] as const)))(
  '[M45, M46, M47, M19] %s is sealed, arrives and is decoded (%s)',
  async ([videoCodec, api]) => {
    const encodings = videoCodec === 'video/vp9' ? undefined : [{ scalabilityMode: 'L1T2' }]
    const running = await startCall({ api, videoCodec, encodings })
    await more(running.call)
    expect(await expectSealed(running)).toBeGreaterThan(20)
  },
)

test('[M100] supplemental information of H.264 is not on the network, and reaches the decoder', async () => {
  const url = new URL('../support/supplement-worker.ts', import.meta.url)
  const running = await startCall({
    api: 'script-transform',
    spawnWorker: () => new Worker(url, { type: 'module' }),
    videoCodec: 'video/h264',
    encodings: [{ scalabilityMode: 'L1T2' }],
  })
  await more(running.call)
  expect(await expectSealed(running)).toBeGreaterThan(20)
  const text = toText(SUPPLEMENT.subarray(3, -1))
  const received = await readRecording(running.workers[1])
  expect(videoAt(received, 'from-network').filter((frame) => frame.includes(text))).toEqual([])
  const decoded = videoAt(received, 'decoder')
  expect(decoded.filter((frame) => !frame.includes(text))).toEqual([])
})

test('[M100] of itself this encoder of H.264 makes no supplemental information', async () => {
  const running = await startCall({
    videoCodec: 'video/h264',
    encodings: [{ scalabilityMode: 'L1T2' }],
  })
  await more(running.call)
  const sent = await readRecording(running.workers[0])
  const video = sent.filter(({ point, kind }) => point === 'encoder' && kind === 'video')
  const types = new Set(video.flatMap(({ data }) => unitTypes(data)))
  expect([...types].toSorted((left, right) => left - right)).toEqual([1, 5, 7, 8])
})

test.for([
  ['video/vp9', 'L1T3'],
  ['video/vp9', 'L3T3_KEY'],
  ['video/av1', 'L1T3'],
  ['video/av1', 'L3T3_KEY'],
] as const)('[M45, M46] each layer of %s %s is sealed', async ([videoCodec, scalabilityMode]) => {
  const running = await startCall({ videoCodec, encodings: [{ scalabilityMode }] })
  await more(running.call)
  expect(await expectSealed(running)).toBeGreaterThan(20)
})

test('[M6, M50] the codec changes in a running call, by parameters and by negotiation', async () => {
  const running = await startCall({})
  const { call } = running
  const sender = call.senders.video
  await more(call)
  const known = RTCRtpSender.getCapabilities('video')?.codecs ?? []
  const used = async (): Promise<unknown> => {
    const entries = [...(await call.sending.getStats()).values()]
    const { codecId } = entries.find(
      ({ type, kind }) => type === 'outbound-rtp' && kind === 'video',
    )
    return entries.find(({ id }) => id === codecId)?.mimeType
  }
  for (const name of ['video/VP9', 'video/AV1', 'video/H264', 'video/VP8']) {
    const { codecs: negotiated, encodings, ...rest } = sender.getParameters()
    const codec = negotiated.find(({ mimeType }) => mimeType === name)
    expect(codec, name).toBeDefined()
    const scalabilityMode = /AV1|H264/.test(name) ? 'L1T2' : 'L1T1'
    await sender.setParameters({
      ...rest,
      codecs: negotiated,
      encodings: encodings.map((encoding) => ({ ...encoding, codec, scalabilityMode })),
    } as RTCRtpSendParameters)
    await expect.poll(used, within).toBe(name)
    await more(call)
  }
  const [, transceiver] = call.sending.getTransceivers()
  const order = ['video/VP9', 'video/VP8']
  transceiver?.setCodecPreferences(
    order.flatMap((name) => known.filter(({ mimeType }) => mimeType === name)),
  )
  const { encodings, ...rest } = sender.getParameters()
  const free = encodings.map((encoding) => ({ ...encoding, codec: undefined }))
  await sender.setParameters({ ...rest, encodings: free })
  await negotiate(call.sending, call.receiving)
  await expect.poll(used, within).toBe('video/VP9')
  await more(call)
  await expectSealed(running)
})

test('[M9, M45] each picture of simulcast is sealed by itself', async () => {
  const rids = ['low', 'high']
  const running = await startCall({
    videoCodec: 'video/vp8',
    encodings: [
      { rid: 'low', scaleResolutionDownBy: 2, maxBitrate: 60_000 },
      { rid: 'high', scaleResolutionDownBy: 1, maxBitrate: 120_000 },
    ],
    changeAnswer: (sdp) =>
      `${sdp}${rids.map((rid) => `a=rid:${rid} recv\r\n`).join('')}a=simulcast:recv ${rids.join(';')}\r\n`,
  })
  const { call, from, workers } = running
  const sentBy = async (rid: string): Promise<number> =>
    [...(await call.senders.video.getStats()).values()].find((entry) => entry.rid === rid)
      ?.framesSent
  // Chromium makes two pictures of one of this size, and one of a smaller one.
  await call.senders.video.replaceTrack(screenTrack())
  for (const rid of rids) {
    await expect.poll(() => sentBy(rid), within).toBeGreaterThan(20)
  }
  const sent = await readRecording(workers[0])
  const encoded = videoAt(sent, 'encoder')
  const sealed = new Set(videoAt(sent, 'to-network'))
  expect(encoded.length).toBeGreaterThan(40)
  expect(encoded.filter((frame) => sealed.has(frame))).toEqual([])
  expect(sealed.size).toBe(videoAt(sent, 'to-network').length)
  expect(from.states.map(({ state }) => state)).not.toContain('EncryptionFailed')
})

test.for(apis)(
  '[M18] a transceiver that is used again, and another track, show pictures (%s)',
  async (api) => {
    const running = await startCall({ api })
    const { call } = running
    await more(call)
    const [, transceiver] = call.sending.getTransceivers()
    if (transceiver === undefined) throw new Error('unreachable: audio and video')
    for (const direction of ['inactive', 'sendonly'] as const) {
      transceiver.direction = direction
      await negotiate(call.sending, call.receiving)
    }
    await more(call)
    await call.senders.video.replaceTrack(screenTrack())
    await expect.poll(() => call.video.videoWidth, within).toBe(640)
    await more(call)
    await expectSealed(running)
  },
)

/** A track of 640 by 360 that moves until the test ends. */
const screenTrack = (): MediaStreamTrack => {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: 640, height: 360 })
  const paint = canvas.getContext('2d')
  let step = 0
  const timer = setInterval(() => paint?.fillRect((step += 7) % 600, 20, 40, 40), 40)
  onTestFinished(() => clearInterval(timer))
  const [track] = canvas.captureStream(25).getVideoTracks()
  if (track === undefined) throw new Error('a canvas without a track')
  return track
}
