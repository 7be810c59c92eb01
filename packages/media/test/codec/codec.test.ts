import { expect, test } from 'vitest'
import { opusPrefixLength } from '../../src/codec/opus.ts'
import { findCodecProfile, singleCodec, SUPPORTED_CODECS } from '../../src/codec/profile.ts'
import { vp8PrefixLength } from '../../src/codec/vp8.ts'
import { vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'

test('[M5] nothing of an Opus frame is clear', () => {
  expect(opusPrefixLength()).toBe(0)
})

test('[M5] ten bytes of a VP8 key frame are clear, one of another frame', () => {
  expect(vp8PrefixLength(vp8KeyFrame)).toBe(10)
  expect(vp8PrefixLength(vp8DeltaFrame)).toBe(1)
})

test('[M5] only the lowest bit of the first byte tells a key frame', () => {
  for (let first = 0; first < 256; first += 1) {
    const frame = Uint8Array.from([first, ...new Uint8Array(20)])
    expect(vp8PrefixLength(frame)).toBe(first % 2 === 0 ? 10 : 1)
  }
})

test('[M5] a VP8 frame shorter than its prefix has none', () => {
  for (let length = 0; length < 10; length += 1) {
    expect(vp8PrefixLength(vp8KeyFrame.subarray(0, length))).toBeUndefined()
  }
  expect(vp8PrefixLength(vp8KeyFrame.subarray(0, 10))).toBe(10)
  expect(vp8PrefixLength(vp8DeltaFrame.subarray(0, 1))).toBe(1)
})

test('[M6] a codec is found whatever the case of its name', () => {
  expect(findCodecProfile('video/VP8')?.mimeType).toBe('video/vp8')
  expect(findCodecProfile('audio/OPUS')?.mimeType).toBe('audio/opus')
})

test('[M6] no other codec has a profile, nor has a missing name', () => {
  for (const name of ['video/vp9', 'video/h264', 'audio/red', 'vp8', '', undefined]) {
    expect(findCodecProfile(name)).toBeUndefined()
  }
})

test('[M6] every codec that may be negotiated can be sealed', () => {
  for (const name of [...SUPPORTED_CODECS.audio, ...SUPPORTED_CODECS.video]) {
    expect(findCodecProfile(name)?.mimeType).toBe(name)
  }
})

test('[M6] a negotiation names a codec only if it is the single one', () => {
  const codecs = (...names: string[]) => names.map((mimeType) => ({ mimeType }))
  expect(singleCodec(codecs('video/VP8', 'video/rtx', 'video/ulpfec'))).toBe('video/vp8')
  expect(singleCodec(codecs('video/VP8', 'video/H264'))).toBeUndefined()
  expect(singleCodec(codecs('audio/opus', 'audio/red'))).toBeUndefined()
  expect(singleCodec([])).toBeUndefined()
})
