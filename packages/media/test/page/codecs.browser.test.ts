import { expect, onTestFinished, test } from 'vitest'
import type { TransformApi } from '@conclave/media'
import { readRecording, spawnRecordingWorker } from '@conclave/media/testing'
import type { RecordedFrame } from '@conclave/media/testing'
import { connect, createSide, framesDecoded, readStat } from '../support/call.ts'

const within = { timeout: 20_000, interval: 100 }

/** The codecs of the engine; a plain scalability mode is one that AV1 does not stand still with. */
const codecs = ['video/vp9', 'video/av1', 'video/h264'] as const
const apis: readonly TransformApi[] = ['script-transform', 'encoded-streams']
const toText = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const videoAt = (frames: readonly RecordedFrame[], point: RecordedFrame['point']): string[] =>
  frames
    .filter((frame) => frame.point === point && frame.kind === 'video')
    .map(({ data }) => toText(data))

test.for(codecs.flatMap((codec) => apis.map((api) => [codec, api] as const)))(
  '[M45, M46, M47, M19] %s is sealed, arrives and is decoded (%s)',
  async ([videoCodec, api]) => {
    const workers = [spawnRecordingWorker(), spawnRecordingWorker()] as const
    const from = createSide({ api, createWorker: () => workers[0] })
    const to = createSide({ api, createWorker: () => workers[1] })
    const encodings = videoCodec === 'video/av1' ? [{ scalabilityMode: 'L1T2' }] : undefined
    const call = await connect({ from, to, videoCodec, encodings })
    onTestFinished(async () => {
      call.close()
      await Promise.all([from.crypto.close(), to.crypto.close()])
    })
    await call.isProtected
    await call.startTracks()
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(30)
    const [sent, received] = await Promise.all(workers.map(readRecording))
    const encoded = videoAt(sent ?? [], 'encoder')
    const network = videoAt(received ?? [], 'from-network')
    const decoded = videoAt(received ?? [], 'decoder')
    const whole = new Set(encoded)
    expect(network.filter((frame) => whole.has(frame))).toEqual([])
    expect(decoded.length).toBeGreaterThan(30)
    expect(decoded.filter((frame) => !whole.has(frame))).toEqual([])
    const { dropped } = await to.crypto.stats()
    expect(dropped).toMatchObject({ 'not-authentic': 0, malformed: 0, 'unsupported-codec': 0 })
    expect(
      await readStat(call.sending, { type: 'outbound-rtp', kind: 'video', name: 'pliCount' }),
    ).toBeLessThan(5)
  },
)
