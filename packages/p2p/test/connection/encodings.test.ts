import { expect, test } from 'vitest'
import { encodingLimits } from '@conclave/p2p'
import { allowedCodecs } from '../../src/connection/codec-preferences.ts'
import { applyLimits, lessByWish, startEncodings } from '../../src/connection/encodings.ts'

test('[S35] a camera gets less the more peers receive it, and never more than 720p30', () => {
  const rates = [1, 2, 3, 4, 6, 10, 40].map((peers) => encodingLimits('camera', 'video', peers))
  expect(rates[0]).toMatchObject({ maxBitrate: 1_200_000, maxFramerate: 30, maxHeight: 720 })
  expect(rates[2]).toEqual(rates[0])
  for (const [index, limits] of rates.slice(1).entries()) {
    expect(limits.maxBitrate).toBeLessThanOrEqual(rates[index]?.maxBitrate ?? 0)
    expect(limits.maxHeight ?? 0).toBeLessThanOrEqual(rates[index]?.maxHeight ?? 0)
  }
  expect(rates.at(-1)?.maxBitrate).toBeGreaterThan(0)
})

test('[S35] a screen keeps its resolution and gives up frames', () => {
  const limits = encodingLimits('screen', 'video', 2)
  expect(limits).toMatchObject({ degradationPreference: 'maintain-resolution', maxHeight: 1_440 })
  expect(limits.maxFramerate).toBeLessThanOrEqual(15)
})

test('[S125] a wish makes limits smaller, never larger, and leaves a screen its lines', () => {
  const [camera, screen] = [
    encodingLimits('camera', 'video', 2),
    encodingLimits('screen', 'video', 2),
  ]
  expect(lessByWish('camera', camera, 'full')).toBe(camera)
  const low = { maxBitrate: 150_000, maxFramerate: 12, maxHeight: 180 }
  expect(lessByWish('camera', camera, 'low')).toEqual(low)
  const least = { ...low, maxBitrate: 90_000, maxFramerate: 10 }
  expect(lessByWish('camera', least, 'low')).toEqual(least)
  expect(lessByWish('screen', screen, 'low')).toEqual({ ...screen, maxFramerate: 5 })
  expect(lessByWish('camera', camera, 'paused')).toEqual({ ...camera, isPaused: true })
})

test('[S35] pictures are scaled down, never up', () => {
  const parameters = {
    codecs: [],
    headerExtensions: [],
    rtcp: {},
    transactionId: 't',
    encodings: [{ active: true }],
  }
  const limits = encodingLimits('camera', 'video', 2)
  const scale = (height: number) =>
    applyLimits(parameters, limits, height).encodings[0]?.scaleResolutionDownBy
  expect(scale(1_440)).toBe(2)
  expect(scale(360)).toBe(1)
  expect(scale(0)).toBe(1)
  const applied = applyLimits(parameters, limits, 720)
  expect(applied.transactionId).toBe('t')
  expect(applied.encodings[0]).toMatchObject({ active: true, maxBitrate: 1_200_000 })
})

test('[S54] AV1 and H.264 are sent in two temporal layers at least, other codecs as they are', () => {
  const layersOf = (codec: string, scalabilityMode?: string): unknown => {
    const encoding = { active: true, ...(scalabilityMode !== undefined && { scalabilityMode }) }
    const parameters = {
      codecs: [{ mimeType: codec, payloadType: 96, clockRate: 90_000 }],
      encodings: [encoding],
      ...{ headerExtensions: [], rtcp: {}, transactionId: 't' },
    }
    const applied = applyLimits(parameters, encodingLimits('camera', 'video', 2), 720)
    return (applied.encodings[0] as { readonly scalabilityMode?: string }).scalabilityMode
  }
  expect(layersOf('video/AV1')).toBe('L1T2')
  expect(layersOf('video/AV1', 'L1T1')).toBe('L1T2')
  expect(layersOf('video/H264')).toBe('L1T2')
  expect(layersOf('video/AV1', 'L3T3_KEY')).toBe('L3T3_KEY')
  expect(layersOf('video/VP8')).toBeUndefined()
  expect(layersOf('video/VP9', 'L1T1')).toBe('L1T1')
  expect(startEncodings(['video/av1', 'video/vp8'])).toEqual([{ scalabilityMode: 'L1T2' }])
  expect(startEncodings(['video/h264'])).toEqual([{ scalabilityMode: 'L1T2' }])
  expect(startEncodings(['video/vp8', 'video/av1'])).toEqual([{}])
  expect(startEncodings(['audio/opus'])).toEqual([{}])
})

test('[S52] codecs stand in the order of preference, in their plain form, before retransmission', () => {
  const codecs = [
    { mimeType: 'video/VP8' },
    { mimeType: 'video/rtx' },
    { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' },
    { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=2' },
    { mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1' },
    { mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=0' },
    { mimeType: 'video/H264' },
    { mimeType: 'video/AV1', sdpFmtpLine: 'level-idx=5;profile=0;tier=0' },
    { mimeType: 'video/AV1', sdpFmtpLine: 'level-idx=5;profile=1;tier=0' },
    { mimeType: 'video/AV1' },
    { mimeType: 'video/H265' },
  ]
  const wish = ['video/av1', 'video/h264', 'video/vp9', 'video/av1']
  expect(allowedCodecs(codecs, wish).map((codec) => codecs.indexOf(codec))).toEqual([
    ...[7, 9, 4, 2, 1],
  ])
  expect(allowedCodecs(codecs, ['video/none'])).toEqual([])
})

test('[S27] only allowed codecs and retransmission stay', () => {
  const names = [
    'video/VP8',
    'video/rtx',
    'video/H264',
    'video/red',
    'video/ulpfec',
    'video/VP9',
    'video/AV1',
  ]
  const codecs = names.map((mimeType) => ({ mimeType }))
  expect(allowedCodecs(codecs, ['video/vp8']).map((codec) => codec.mimeType)).toEqual([
    'video/VP8',
    'video/rtx',
  ])
  const audio = ['audio/opus', 'audio/red', 'audio/PCMU', 'audio/telephone-event', 'audio/CN']
  expect(
    allowedCodecs(
      audio.map((mimeType) => ({ mimeType })),
      ['audio/opus'],
    ),
  ).toEqual([{ mimeType: 'audio/opus' }])
})
