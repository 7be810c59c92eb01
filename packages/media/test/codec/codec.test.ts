import { concatBytes } from '@conclave/base'
import { expect, test } from 'vitest'
import { chooseCodecs, singleCodec, SUPPORTED_CODECS } from '../../src/codec/negotiable.ts'
import { findCodecProfile } from '../../src/codec/find-profile.ts'
import type { CodecProfile, SplitFrame } from '../../src/codec/profile.ts'
import { escapeRbsp, unescapeRbsp } from '../../src/codec/rbsp.ts'
import { vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'

const profileOf = (name: string): CodecProfile => {
  const profile = findCodecProfile(name)
  if (!profile) throw new Error(`no profile for ${name}`)
  return profile
}
const split = (name: string, frame: Uint8Array<ArrayBuffer>, hasClearVp9Byte = false) =>
  profileOf(name).split(frame, { hasClearVp9Byte })
/** How many bytes are clear, or why there are none. */
const clearOf = (found: SplitFrame | string): number | string =>
  typeof found === 'string' ? found : found.clear.length

test('[M5] nothing of an Opus frame is clear', () => {
  expect(clearOf(split('audio/opus', vp8KeyFrame))).toBe(0)
})

test('[M5] only the lowest bit of the first byte tells a key frame of VP8, sealed or not', () => {
  for (let first = 0; first < 256; first += 1) {
    const frame = Uint8Array.from([first, ...new Uint8Array(20)])
    expect(clearOf(split('video/vp8', frame))).toBe(first % 2 === 0 ? 10 : 1)
    expect(clearOf(profileOf('video/vp8').unwrap(frame))).toBe(first % 2 === 0 ? 10 : 1)
  }
})

test('[M5] a VP8 frame shorter than its clear part is none', () => {
  for (let length = 1; length < 10; length += 1) {
    expect(split('video/vp8', vp8KeyFrame.slice(0, length))).toBe('too-short')
  }
  expect(clearOf(split('video/vp8', vp8KeyFrame.slice(0, 10)))).toBe(10)
  expect(clearOf(split('video/vp8', vp8DeltaFrame.slice(0, 1)))).toBe(1)
})

test('[M45] the first byte of VP9 is clear if the sender chose so, and begins with a frame marker', () => {
  for (let first = 0; first < 256; first += 1) {
    const frame = Uint8Array.from([first, 1, 2])
    const isMarked = first >= 0x80 && first < 0xc0
    expect(clearOf(split('video/vp9', frame))).toBe(0)
    expect(clearOf(split('video/vp9', frame, true))).toBe(isMarked ? 1 : 0)
    expect(clearOf(profileOf('video/vp9').unwrap(frame))).toBe(isMarked ? 1 : 0)
  }
})

test('[M48] escapes are those of a plain writer of bytes, whatever stands before, and come out again', () => {
  // All strings of five digits out of 0 to 4, behind two that stand before.
  const wrong: string[] = []
  for (let number = 0; number < 5 ** 7; number += 1) {
    const digits = Uint8Array.from({ length: 7 }, (_, i) => Math.floor(number / 5 ** i) % 5)
    const expected: number[] = [...digits.subarray(0, 2)]
    let zeros = digits[1] !== 0 ? 0 : digits[0] === 0 ? 2 : 1
    for (const digit of digits.subarray(2)) {
      if (zeros >= 2 && digit <= 3) {
        expected.push(3)
        zeros = 0
      }
      expected.push(digit)
      zeros = digit === 0 ? zeros + 1 : 0
    }
    const escaped = escapeRbsp(digits, 2)
    const plain = unescapeRbsp(escaped, 2)
    const isRight =
      escaped.join() === expected.join() && plain?.join() === digits.subarray(2).join()
    if (!isRight) wrong.push(digits.join())
  }
  expect(wrong).toEqual([])
})

test('[M48] of all strings that can be read, each is what its escaped form is', () => {
  const wrong: string[] = []
  for (let number = 0; number < 5 ** 7; number += 1) {
    const digits = Uint8Array.from({ length: 7 }, (_, i) => Math.floor(number / 5 ** i) % 5)
    const plain = unescapeRbsp(digits, 2)
    if (plain === undefined) continue
    const again = escapeRbsp(concatBytes(digits.subarray(0, 2), plain), 2)
    if (again.join() !== digits.join()) wrong.push(digits.join())
  }
  expect(wrong).toEqual([])
})

test('[M100] supplemental information is not in the clear part, and comes back to its places', () => {
  const { split: splitFrame, restore } = profileOf('video/h264')
  const text = Uint8Array.of(6, 5, 3, 0x61, 0x62, 0x63, 0x80)
  const [first, sets, slice] = [
    [0, 0, 0, 1],
    [0x68, 0xce],
    [0x41, 0x9a, 0x02, 9, 9],
  ]
  const frame = concatBytes(first, text, first, sets, first, text, first, slice)
  const parts = splitFrame(frame, {})
  if (typeof parts === 'string') throw new Error(parts)
  const places = [first, [6, 0x80], first, sets, first, [6, 0x80], first, slice.slice(0, 2)]
  expect(parts.clear).toEqual(concatBytes(...places))
  expect(restore(parts.clear, parts.rest)).toEqual(frame)
})

test('[M100, M49] lengths of supplemental information that a member invents take no more than there is', () => {
  const { restore } = profileOf('video/h264')
  const clear = Uint8Array.of(0, 0, 0, 1, 6, 0x80, 0, 0, 0, 1, 6, 0x80, 0, 0, 0, 1, 0x41, 0x9a)
  for (const plain of [
    [],
    [255],
    [255, 255, 255, 255, 1, 2],
    [0, 0, 0, 1, 7, 0, 0],
    [0, 0, 0, 0],
  ]) {
    const restored = restore(clear, Uint8Array.from(plain))
    expect(restored.length).toBeLessThanOrEqual(clear.length + plain.length)
  }
})

test('[M49] two million bytes of any kind take a time in proportion to them', () => {
  const kinds: readonly (readonly number[])[] = [
    [0],
    [0, 0, 1],
    [0, 0, 3],
    [0, 0, 3, 0],
    [0, 0, 1, 6],
    [0, 0, 0, 1, 0x67],
    [0x12, 0],
    [0x32, 0x80],
    [0xff],
  ]
  for (const name of ['audio/opus', 'video/vp8', 'video/vp9', 'video/av1', 'video/h264']) {
    const { split: splitFrame, unwrap, wrap } = profileOf(name)
    for (const kind of kinds) {
      const frame = new Uint8Array(2_000_000)
      frame.set(kind)
      for (let done = kind.length; done < frame.length; done *= 2) frame.copyWithin(done, 0, done)
      const slice = concatBytes([0, 0, 0, 1, 0x41, 0x9a, 0x02], frame)
      for (const data of [frame, slice]) {
        splitFrame(data, {})
        unwrap(data)
        const sealed = wrap(slice.subarray(0, 7), data.subarray(0, 0), data)
        expect(sealed.length).toBeLessThanOrEqual(1.5 * data.length + 8)
        unwrap(sealed)
      }
    }
  }
}, 20_000)

test('[M49] any two bytes, and any four of a small alphabet, are split or refused', () => {
  const alphabet = [0, 1, 3, 0x0a, 0x12, 0x20, 0x30, 0x32, 0x41, 0x65, 0x67, 0x80, 0x86, 0xff]
  for (const name of ['audio/opus', 'video/vp8', 'video/vp9', 'video/av1', 'video/h264']) {
    const { split: splitFrame, unwrap } = profileOf(name)
    const seen = new Set<string>()
    const tryAll = (frame: Uint8Array<ArrayBuffer>): void => {
      for (const found of [splitFrame(frame, { hasClearVp9Byte: true }), unwrap(frame)]) {
        seen.add(typeof found === 'string' ? found : 'split')
      }
    }
    for (let pair = 0; pair < 65_536; pair += 1) tryAll(Uint8Array.of(pair >> 8, pair & 255))
    for (let number = 0; number < alphabet.length ** 4; number += 1) {
      tryAll(
        Uint8Array.from(
          { length: 4 },
          (_, i) => alphabet[Math.floor(number / alphabet.length ** i) % alphabet.length] ?? 0,
        ),
      )
    }
    expect(['split', 'too-short', 'malformed']).toEqual(expect.arrayContaining([...seen]))
  }
})

test('[M6] a codec is found whatever the case of its name', () => {
  expect(findCodecProfile('video/VP8')?.mimeType).toBe('video/vp8')
  expect(findCodecProfile('video/AV1')?.mimeType).toBe('video/av1')
  expect(findCodecProfile('audio/OPUS')?.mimeType).toBe('audio/opus')
})

test('[M6] no other codec has a profile, nor has a missing name', () => {
  for (const name of ['video/h265', 'audio/red', 'audio/pcmu', 'vp8', '', undefined]) {
    expect(findCodecProfile(name)).toBeUndefined()
  }
})

test('[M6] every codec that may be negotiated can be sealed', () => {
  for (const name of [...SUPPORTED_CODECS.audio, ...SUPPORTED_CODECS.video]) {
    expect(findCodecProfile(name)?.mimeType).toBe(name)
  }
})

test('[M50] VP8 is preferred, and an application may choose among what can be sealed', () => {
  expect(chooseCodecs(undefined)).toEqual({
    audio: ['audio/opus'],
    video: ['video/vp8', 'video/vp9', 'video/h264', 'video/av1'],
  })
  expect(chooseCodecs(['video/AV1', 'video/vp8', 'video/av1'])).toEqual({
    audio: ['audio/opus'],
    video: ['video/av1', 'video/vp8'],
  })
  for (const wrong of [[], ['video/h265'], ['audio/opus'], ['video/vp8', 7], 'video/vp8', null]) {
    expect(() => chooseCodecs(wrong)).toThrow(/^"videoCodecs" expected/)
  }
})

test('[M6] a negotiation names a codec only if it is the single one', () => {
  const codecs = (...names: string[]) => names.map((mimeType) => ({ mimeType }))
  expect(singleCodec(codecs('video/VP8', 'video/rtx', 'video/ulpfec'))).toBe('video/vp8')
  expect(singleCodec(codecs('video/VP8', 'video/H264'))).toBeUndefined()
  expect(singleCodec(codecs('audio/opus', 'audio/red'))).toBeUndefined()
  expect(singleCodec([])).toBeUndefined()
})
