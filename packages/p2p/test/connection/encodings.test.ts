import { expect, test } from 'vitest'
import { encodingLimits } from '@conclave/p2p'
import { allowedCodecs } from '../../src/connection/codec-preferences.ts'
import { applyLimits } from '../../src/connection/encodings.ts'

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

test('[S35] pictures are scaled down, never up', () => {
  const parameters = {
    codecs: [],
    headerExtensions: [],
    rtcp: {},
    transactionId: 't',
    encodings: [{ active: true }],
  }
  const limits = encodingLimits('camera', 'video', 2)
  const scale = (height: number | undefined) =>
    applyLimits(parameters, limits, height).encodings[0]?.scaleResolutionDownBy
  expect(scale(1_440)).toBe(2)
  expect(scale(360)).toBe(1)
  expect(scale(undefined)).toBeUndefined()
  const applied = applyLimits(parameters, limits, 720)
  expect(applied.transactionId).toBe('t')
  expect(applied.encodings[0]).toMatchObject({ active: true, maxBitrate: 1_200_000 })
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
