/**
 * Writes `spec/vectors/livekit.json` from the reference implementation:
 * `node --conditions=@conclave/source packages/media/test/reference/livekit/write-vectors.ts`.
 */
import { writeFileSync } from 'node:fs'
import { codecFrames } from '../../support/livekit-frames.ts'
import { sealLiveKitReference } from './livekit-reference.ts'
import type { LiveKitReferenceFrame } from './livekit-reference.ts'

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')
const bytes = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i * 7) & 0xff)

const base = {
  material: bytes(32, 9),
  salt: 'LKFrameEncryptionKey',
  keyBits: 128,
  index: 0,
  iv: bytes(12, 0xa0),
} as const
const ofCodecs = codecFrames.map(({ name, mimeType, frame }) => ({
  ...base,
  name,
  mimeType,
  frame,
}))
const [opus, , vp8Key, , vp9, h264] = ofCodecs
if (!opus || !vp8Key || !vp9 || !h264) throw new Error('unreachable: there are eight')

const frames: readonly (LiveKitReferenceFrame & { readonly name: string })[] = [
  ...ofCodecs,
  { ...opus, name: 'a passphrase', material: 'wrinkle-otter-mosaic-hazel-canyon-drift' },
  { ...opus, name: 'a passphrase beyond ASCII', material: 'Grüße aus Zürich: 12 Gämsen, 7 Bären' },
  { ...opus, name: 'a key of 256 bits', keyBits: 256 },
  { ...opus, name: 'another salt', salt: 'of this application' },
  { ...opus, name: 'the last place of the greatest ring', index: 255 },
  {
    ...h264,
    name: 'H.264 with escapes in its IV',
    iv: Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0),
  },
]

const sealed = {
  opus: sealLiveKitReference(opus),
  vp8Key: sealLiveKitReference(vp8Key),
  vp9: sealLiveKitReference(vp9),
  h264: sealLiveKitReference(h264),
}
const flip = (at: number, of: Uint8Array): Uint8Array =>
  of.map((byte, i) => (i === (at < 0 ? of.length + at : at) ? byte ^ 1 : byte))
const dropped = [
  {
    name: 'a flipped bit in the clear byte',
    of: opus,
    sealed: flip(0, sealed.opus),
    reason: 'not-authentic',
  },
  {
    name: 'a flipped bit in the ciphertext',
    of: opus,
    sealed: flip(5, sealed.opus),
    reason: 'not-authentic',
  },
  {
    name: 'a flipped bit in the tag',
    of: opus,
    sealed: flip(-15, sealed.opus),
    reason: 'not-authentic',
  },
  {
    name: 'a flipped bit in the IV',
    of: opus,
    sealed: flip(-3, sealed.opus),
    reason: 'not-authentic',
  },
  {
    name: 'another length of the IV',
    of: opus,
    sealed: flip(-2, sealed.opus),
    reason: 'malformed',
  },
  {
    name: 'an empty place of the ring',
    of: opus,
    sealed: flip(-1, sealed.opus),
    reason: 'missing-key',
  },
  {
    name: 'a byte missing at the beginning',
    of: vp9,
    sealed: sealed.vp9.subarray(1),
    reason: 'not-authentic',
  },
  {
    name: 'a byte missing at the end',
    of: opus,
    sealed: sealed.opus.subarray(0, -1),
    reason: 'malformed',
  },
  {
    name: 'shorter than tag and trailer',
    of: opus,
    sealed: sealed.opus.subarray(-30),
    reason: 'malformed',
  },
  { name: 'clear Opus', of: opus, sealed: opus.frame, reason: 'malformed' },
  { name: 'clear H.264', of: h264, sealed: h264.frame, reason: 'malformed' },
  {
    name: 'a width changed in a VP8 key frame',
    of: vp8Key,
    sealed: flip(6, sealed.vp8Key),
    reason: 'not-authentic',
  },
  {
    name: 'a VP8 key frame shorter than its clear part',
    of: vp8Key,
    sealed: vp8Key.frame.subarray(0, 9),
    reason: 'too-short',
  },
  {
    name: 'a VP8 frame as VP9',
    of: { ...vp8Key, mimeType: 'video/vp9' },
    sealed: sealed.vp8Key,
    reason: 'not-authentic',
  },
  {
    name: 'AV1',
    of: { ...vp9, mimeType: 'video/av1' },
    sealed: sealed.vp9,
    reason: 'unsupported-codec',
  },
  {
    name: 'redundant Opus',
    of: { ...opus, mimeType: 'audio/red' },
    sealed: sealed.opus,
    reason: 'unsupported-codec',
  },
  {
    name: 'H.264 without a slice',
    of: h264,
    sealed: h264.frame.subarray(0, 12),
    reason: 'too-short',
  },
  {
    name: 'H.264 that begins with data',
    of: h264,
    sealed: sealed.h264.subarray(3),
    reason: 'too-short',
  },
  {
    name: 'H.264 with a start code in its sealed part',
    of: h264,
    sealed: Buffer.concat([
      sealed.h264.subarray(0, -50),
      Buffer.from([0, 0, 1]),
      sealed.h264.subarray(-50),
    ]),
    reason: 'malformed',
  },
  {
    name: 'under another key',
    of: { ...opus, material: bytes(32, 10) },
    sealed: sealed.opus,
    reason: 'not-authentic',
  },
] as const

const keyOf = ({ material, salt, keyBits, index }: LiveKitReferenceFrame) => ({
  ...(typeof material === 'string' ? { passphrase: material } : { secret: hex(material) }),
  ...{ salt, keyBits, index },
})
const vectors = {
  about: 'Media frames in the format of LiveKit: spec/media.md, section 8. Bytes are hexadecimal.',
  frames: frames.map((vector) => ({
    ...{ name: vector.name, ...keyOf(vector), iv: hex(vector.iv), mimeType: vector.mimeType },
    ...{ frame: hex(vector.frame), sealed: hex(sealLiveKitReference(vector)) },
  })),
  dropped: dropped.map(({ name, of, sealed: bytesOf, reason }) => ({
    ...{ name, ...keyOf(of), mimeType: of.mimeType, sealed: hex(bytesOf), reason },
  })),
}
const file = new URL('../../../../../spec/vectors/livekit.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(vectors, undefined, 2)}\n`)
