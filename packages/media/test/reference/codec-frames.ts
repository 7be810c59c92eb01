/** Frames of VP9, AV1 and H.264 as encoders make them, sealed ones for vectors, and damaged ones. */
import type { FrameDropReason } from '@conclave/media'
import { sealReference } from './sframe-reference.ts'
import type { ReferenceFrame } from './sframe-reference.ts'

const bytes = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i * 7) & 0xff)
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const join = (...parts: readonly (Uint8Array | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? hex(part) : part)))

const base = {
  suite: 4 as const,
  baseKey: bytes(16, 0x10),
  kid: 0x0102030405062an,
  counter: 0,
  label: 'camera',
}
const vp9 = { ...base, mimeType: 'video/vp9' }
const av1 = { ...base, mimeType: 'video/av1' }
const h264 = { ...base, mimeType: 'video/h264' }

const vp9Key = join('82 49 83 42 00', bytes(24, 9))
const vp9Delta = join('86', bytes(24, 60))
const av1Key = join('12 00 0a 0b', bytes(11, 0), '32 1e', bytes(30, 16))
const av1Delta = join('12 00 32 a0 01', bytes(160, 48))
const sps = hex('67 42 c0 1f 8c 8d 40 50 1e d0 0f 08 84 6a')
const pps = hex('68 ce 3c 80')
/** A text of an encoder, as `user_data_unregistered`. */
const supplement = join('06 05 14', bytes(16, 0x40), Buffer.from('text'), '80')
const keySlice = join('65 b8 00 04 00 00 09', bytes(40, 0xff))
const deltaSlice = join('41 9a 02 04', bytes(40, 3))
const h264Key = join('00 00 00 01', sps, '00 00 00 01', pps, '00 00 00 01', keySlice)
const h264Delta = join('00 00 00 01', deltaSlice)
/** Its header has runs of zeros: `e0 01 00 00 02 00 00 03`. */
const zeroKid = 0x01000002000003n

/** Frames that open again. */
export const codecFrames: readonly (ReferenceFrame & { readonly name: string })[] = [
  { ...vp9, name: 'vp9 key frame: nothing clear', frame: vp9Key },
  { ...vp9, name: 'vp9 delta frame: nothing clear', counter: 1, frame: vp9Delta },
  {
    ...vp9,
    name: 'vp9 key frame: the first byte clear',
    counter: 2,
    frame: vp9Key,
    hasClearVp9Byte: true,
  },
  {
    ...vp9,
    name: 'vp9 frame of one byte, which is clear',
    counter: 3,
    frame: hex('8a'),
    hasClearVp9Byte: true,
  },
  {
    ...vp9,
    name: 'vp9 frame without a frame marker: nothing clear',
    counter: 4,
    frame: bytes(12, 0x42),
    hasClearVp9Byte: true,
  },
  { ...av1, name: 'av1 key frame: two OBUs', frame: av1Key },
  { ...av1, name: 'av1 delta frame: one OBU', counter: 1, frame: av1Delta },
  {
    ...av1,
    name: 'av1 frame of an upper layer, with an extension',
    counter: 2,
    frame: join('36 28 10', bytes(16, 70)),
  },
  {
    ...av1,
    name: 'av1 frame without a size',
    counter: 3,
    frame: join('30', bytes(9, 70)),
  },
  {
    ...av1,
    name: 'av1 frame header, then tiles',
    counter: 4,
    frame: join('1a 02 10 00 22 03 01 02 03'),
  },
  { ...h264, name: 'h264 key frame: parameter sets clear', frame: h264Key },
  { ...h264, name: 'h264 delta frame', counter: 1, frame: h264Delta },
  {
    ...h264,
    name: 'h264 key frame with start codes of three bytes',
    counter: 2,
    frame: join('00 00 01', sps, '00 00 01', pps, '00 00 00 01', keySlice),
  },
  {
    ...h264,
    name: 'h264 frame of three slices: two are encrypted whole',
    counter: 3,
    frame: join(h264Delta, '00 00 01', deltaSlice, '00 00 00 01', deltaSlice),
  },
  {
    ...h264,
    name: 'h264 frame with a clear part of more than 255 bytes',
    counter: 4,
    frame: join('00 00 00 01 09 f0 00 00 00 01 67', bytes(300, 4), h264Delta),
  },
  {
    ...h264,
    name: 'h264 unit that ends with a zero before a long start code',
    counter: 5,
    frame: join('00 00 00 01', pps, '00', h264Delta),
  },
  { ...h264, name: 'h264 slice that is all clear', counter: 6, frame: hex('00 00 00 01 41 9a 80') },
  {
    ...h264,
    name: 'h264 slice header with long numbers',
    counter: 7,
    frame: join('00 00 00 01 41 00 00 80 00 44 00 01', bytes(9, 3)),
  },
  {
    ...h264,
    name: 'h264 escapes in the header of SFrame',
    counter: 0,
    kid: zeroKid,
    frame: h264Delta,
  },
  {
    ...h264,
    name: 'h264 key frame with supplemental information, which is encrypted',
    counter: 8,
    frame: join(h264Key.subarray(0, 26), '00 00 01', supplement, '00 00 00 01', keySlice),
  },
  {
    ...h264,
    name: 'h264 supplemental information in many places, one with nothing in it',
    counter: 9,
    frame: join(
      ...['00 00 00 01', supplement, h264Key.subarray(0, 26), '00 00 00 01 06 00 00 00 01'],
      ...['06 80 00 00 01', supplement, h264Delta, '00 00 01', supplement],
    ),
  },
  { ...h264, name: 'h264, suite 5', suite: 5, baseKey: bytes(32, 0x20), frame: h264Key },
  { ...av1, name: 'av1, suite 5', suite: 5, baseKey: bytes(32, 0x20), frame: av1Key },
]

const sealedVp9 = sealReference({ ...vp9, frame: vp9Key })
const sealedVp9Clear = sealReference({ ...vp9, frame: vp9Key, hasClearVp9Byte: true })
const av1KeyBody = sealReference({ ...av1, frame: av1Key }).subarray(5)
const av1DeltaBody = sealReference({ ...av1, frame: av1Delta }).subarray(2)
const sealedH264 = sealReference({ ...h264, frame: h264Key })
const sealedSlice = sealReference({ ...h264, frame: h264Delta })
const sealedSupplement = sealReference({ ...h264, frame: join('00 00 01', supplement, h264Delta) })
/** Bytes of an OBU's payload behind its size in one or two bytes. */
const withSize = (first: string, body: Uint8Array): Buffer => {
  const size = hex(first).length + body.length
  const digits = size < 128 ? [size] : [(size % 128) + 128, Math.floor(size / 128)]
  return join(Uint8Array.from(digits), first, body)
}
const flip = (at: number, of: Uint8Array, mask = 1): Uint8Array =>
  of.map((byte, i) => (i === (at < 0 ? of.length + at : at) ? byte ^ mask : byte))

interface DamagedFrame {
  readonly name: string
  readonly of: Omit<ReferenceFrame, 'frame'>
  readonly sealed: Uint8Array
  readonly reason: FrameDropReason
}

/** AV1 as the way through RTP brings it: these open, though their sizes are not those that were sent. */
export const av1Received: readonly {
  readonly name: string
  readonly of: ReferenceFrame
  readonly sealed: Uint8Array
}[] = [
  {
    name: 'av1 key frame, sizes written by the depacketizer',
    of: { ...av1, frame: av1Key },
    sealed: join('0a 01 00 32', withSize('00', av1KeyBody)),
  },
  {
    name: 'av1 delta frame, size of two bytes written by the depacketizer',
    of: { ...av1, frame: av1Delta },
    sealed: join('32', withSize('20', av1DeltaBody)),
  },
]

/** Frames that must not open. */
export const damagedFrames: readonly DamagedFrame[] = [
  ...damage(vp9, [
    ['vp9: a byte put before it', join('82', sealedVp9), 'not-authentic'],
    ['vp9: its clear byte taken away', sealedVp9Clear.subarray(1), 'not-authentic'],
    ['vp9: its clear byte changed', flip(0, sealedVp9Clear, 4), 'not-authentic'],
    ['vp9: nothing but a frame marker', hex('82'), 'malformed'],
    ['vp9: in clear', vp9Key, 'not-authentic'],
  ]),
  ...damage(av1, [
    ['av1: in clear', av1Key, 'malformed'],
    ['av1: a key frame as another', join('30 20', av1KeyBody), 'not-authentic'],
    ['av1: another frame as a key frame', join('0a 01 00 30 00', av1DeltaBody), 'not-authentic'],
    ['av1: a key frame without a sequence header', join('30 00', av1KeyBody), 'malformed'],
    ['av1: a sequence header before no key', join('0a 01 00 30 20', av1DeltaBody), 'malformed'],
    [
      'av1: a sequence header that holds something',
      join('0a 01 01 30 00', av1KeyBody),
      'malformed',
    ],
    ['av1: a longer sequence header', join('0a 02 00 00 30 00', av1KeyBody), 'malformed'],
    ['av1: a delimiter before it', join('12 00 0a 01 00 30 00', av1KeyBody), 'malformed'],
    ['av1: a forbidden bit', join('0a 01 00 b0 00', av1KeyBody), 'malformed'],
    ['av1: a reserved bit', join('0a 01 00 31 00', av1KeyBody), 'malformed'],
    ['av1: an extension', join('0a 01 00 34 08 00', av1KeyBody), 'malformed'],
    ['av1: a size beyond the end', join('32 7f 20', av1KeyBody), 'malformed'],
    ['av1: something left over', join('32', withSize('20', av1DeltaBody), '00'), 'malformed'],
    ['av1: a size that does not end', hex('32 ff ff ff ff ff ff ff ff ff ff'), 'malformed'],
    ['av1: a size cut off', hex('32 80'), 'malformed'],
    ['av1: a frame OBU of no bytes', hex('32 00'), 'malformed'],
    ['av1: nothing after its sequence header', hex('0a 01 00'), 'malformed'],
    ['av1: nothing in its frame', hex('0a 01 00 30 00'), 'malformed'],
    ['av1: a flipped bit in the tag', flip(-1, join('30 20', av1DeltaBody)), 'not-authentic'],
  ]),
  ...damage(h264, [
    ['h264: in clear', h264Key, 'malformed'],
    ['h264: a changed parameter set', flip(8, sealedH264), 'not-authentic'],
    ['h264: a parameter set less', join(sealedH264.subarray(18)), 'not-authentic'],
    ['h264: a key frame as another', flip(30, sealedH264, 4), 'not-authentic'],
    ['h264: a changed start of the slice header', flip(31, sealedH264, 8), 'not-authentic'],
    [
      'h264: a picture in a unit that the rule does not know',
      join('00 00 00 01 74 00', sealedSlice),
      'malformed',
    ],
    ['h264: no slice', sealedH264.subarray(0, 26), 'malformed'],
    [
      'h264: more units than there may be',
      join(...Array(33).fill('00 00 01 09 f0'), sealedSlice),
      'malformed',
    ],
    ['h264: no start code', sealedSlice.subarray(4), 'malformed'],
    ['h264: a byte before the start code', join('01', sealedSlice.subarray(1)), 'malformed'],
    ['h264: a slice header without end', join('00 00 00 01 41', bytes(9, 0).fill(0)), 'malformed'],
    ['h264: a slice header cut off', hex('00 00 00 01 41 9a'), 'malformed'],
    ['h264: another last byte', flip(-1, sealedSlice), 'malformed'],
    ['h264: no last byte', sealedSlice.subarray(0, -1), 'malformed'],
    ['h264: a unit appended', join(sealedSlice, '00 00 01 41 80'), 'malformed'],
    [
      'h264: an escape without need',
      join(sealedSlice.subarray(0, 7), '00 00 03', sealedSlice.subarray(7)),
      'malformed',
    ],
    ['h264: an escape at the end', join(sealedSlice, '00 00 03'), 'malformed'],
    [
      'h264: supplemental information in clear',
      join('00 00 00 01', supplement, sealedSlice),
      'malformed',
    ],
    [
      'h264: supplemental information of another byte',
      join('00 00 00 01 06 81', sealedSupplement.subarray(6)),
      'malformed',
    ],
    ['h264: supplemental information less', sealedSupplement.subarray(6), 'not-authentic'],
    [
      'h264: supplemental information more',
      join('00 00 00 01 06 80', sealedSlice),
      'not-authentic',
    ],
    ['h264: nothing behind its header', hex('00 00 00 01 41 9a 80'), 'malformed'],
    ['h264: a flipped bit in the tag', flip(-2, sealedSlice, 128), 'not-authentic'],
  ]),
]

function damage(
  of: Omit<ReferenceFrame, 'frame'>,
  rows: readonly (readonly [name: string, sealed: Uint8Array, reason: FrameDropReason])[],
): readonly DamagedFrame[] {
  return rows.map(([name, sealed, reason]) => ({ name, of, sealed, reason }))
}
