/**
 * Writes `spec/vectors/sframe.json` from the reference implementation:
 * `node --conditions=@conclave/source packages/media/test/reference/write-vectors.ts`.
 */
import { writeFileSync } from 'node:fs'
import { idToBytes, parseParticipantId, parseRoomId } from '@conclave/wire'
import { av1Received, codecFrames, damagedFrames } from './codec-frames.ts'
import { restoreReference, sealReference } from './sframe-reference.ts'
import type { ReferenceFrame } from './sframe-reference.ts'

const bytes = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i * 7) & 0xff)
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')
const kidText = (kid: bigint): string => kid.toString(16).padStart(14, '0')

const kid = 0x0102030405062an
const opus: ReferenceFrame = {
  suite: 4,
  baseKey: bytes(16, 0x10),
  kid,
  counter: 0,
  label: 'microphone',
  mimeType: 'audio/opus',
  frame: bytes(24, 0xf8),
}
const vp8Key = Uint8Array.from([
  0x50,
  0x42,
  0x00,
  0x9d,
  0x01,
  0x2a,
  0x40,
  0x01,
  0xf0,
  0x00,
  ...bytes(21, 3),
])
const vp8Delta = Uint8Array.from([0x31, ...bytes(30, 90)])
/** A VP8 delta frame with the frame marker of VP9. */
const likeVp9 = Uint8Array.from([0x81, ...bytes(30, 90)])
const video = { ...opus, label: 'camera', mimeType: 'video/vp8' }

const frames: readonly (ReferenceFrame & { readonly name: string })[] = [
  { ...opus, name: 'opus, first counter' },
  { ...opus, name: 'opus, one byte', counter: 7, frame: bytes(1, 0xff) },
  { ...opus, name: 'opus, counter of two bytes', counter: 0x1234 },
  { ...opus, name: 'opus, last counter', counter: 2 ** 32 - 1 },
  { ...video, name: 'vp8 key frame: ten bytes clear', counter: 8, frame: vp8Key },
  {
    ...video,
    name: 'vp8 key frame, nothing but its prefix',
    counter: 9,
    frame: vp8Key.subarray(0, 10),
  },
  { ...video, name: 'vp8 delta frame: one byte clear', counter: 255, frame: vp8Delta },
  { ...video, name: 'vp8 delta frame of one byte', counter: 256, frame: vp8Delta.subarray(0, 1) },
  { ...opus, name: 'a label beyond ASCII', counter: 3, label: 'écran' },
  { ...opus, name: 'suite 5', suite: 5, baseKey: bytes(32, 0x20), counter: 70_000 },
  { ...video, name: 'suite 5, vp8', suite: 5, baseKey: bytes(32, 0x20), frame: vp8Key },
  { ...video, name: 'vp8 delta frame that begins like one of vp9', frame: likeVp9 },
  ...codecFrames,
]

const sealedOpus = sealReference(opus)
const sealedKey = sealReference({ ...video, frame: vp8Key })
const flip = (at: number, of: Uint8Array): Uint8Array =>
  of.map((byte, i) => (i === at ? byte ^ 1 : byte))
const dropped = [
  {
    name: 'a flipped bit in the ciphertext',
    of: opus,
    sealed: flip(12, sealedOpus),
    reason: 'not-authentic',
  },
  {
    name: 'a flipped bit in the tag',
    of: opus,
    sealed: flip(sealedOpus.length - 1, sealedOpus),
    reason: 'not-authentic',
  },
  { name: 'another counter', of: opus, sealed: flip(0, sealedOpus), reason: 'not-authentic' },
  {
    name: 'a flipped bit in the clear width',
    of: video,
    sealed: flip(6, sealedKey),
    reason: 'not-authentic',
  },
  {
    name: 'a byte missing at the end',
    of: opus,
    sealed: sealedOpus.subarray(0, -1),
    reason: 'not-authentic',
  },
  {
    name: 'shorter than a tag',
    of: opus,
    sealed: sealedOpus.subarray(0, 12),
    reason: 'not-authentic',
  },
  { name: 'header only', of: opus, sealed: sealedOpus.subarray(0, 8), reason: 'not-authentic' },
  { name: 'header cut off', of: opus, sealed: sealedOpus.subarray(0, 5), reason: 'malformed' },
  {
    name: 'the camera as the screen',
    of: { ...video, label: 'screen' },
    sealed: sealedKey,
    reason: 'not-authentic',
  },
  {
    name: 'under another base key',
    of: { ...opus, baseKey: bytes(16, 0x11) },
    sealed: sealedOpus,
    reason: 'not-authentic',
  },
  {
    name: 'a prefix made of the label',
    of: { ...video, label: 'icrophone' },
    sealed: Buffer.concat([Buffer.from('m'), sealedOpus]),
    reason: 'not-authentic',
  },
  {
    name: 'a counter beyond 2^32',
    of: opus,
    sealed: Buffer.from(`ec${kidText(kid)}0100000000${hex(bytes(20, 1))}`, 'hex'),
    reason: 'malformed',
  },
  {
    name: 'a KID of eight bytes',
    of: opus,
    sealed: Buffer.from(`f0${'01'.repeat(8)}${hex(bytes(20, 1))}`, 'hex'),
    reason: 'malformed',
  },
  {
    name: 'a KID not in its shortest form',
    of: opus,
    sealed: Buffer.from(`f0${'00'}${kidText(kid)}${hex(bytes(20, 1))}`, 'hex'),
    reason: 'malformed',
  },
  {
    name: 'a counter not in its shortest form',
    of: opus,
    sealed: Buffer.from(`e8${kidText(kid)}00${hex(bytes(20, 1))}`, 'hex'),
    reason: 'malformed',
  },
  { name: 'clear opus', of: opus, sealed: opus.frame, reason: 'malformed' },
  {
    name: 'a vp8 key frame shorter than its prefix',
    of: video,
    sealed: vp8Key.subarray(0, 9),
    reason: 'too-short',
  },
  {
    name: 'another codec',
    of: { ...video, mimeType: 'video/h265' },
    sealed: sealedKey,
    reason: 'unsupported-codec',
  },
  {
    name: 'a delta frame of vp8 as vp9',
    of: { ...video, mimeType: 'video/vp9' },
    sealed: sealReference({ ...video, frame: likeVp9 }),
    reason: 'not-authentic',
  },
  {
    name: 'opus as vp9',
    of: { ...opus, mimeType: 'video/vp9' },
    sealed: sealedOpus,
    reason: 'not-authentic',
  },
  ...damagedFrames,
]

const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw')
const participant = parseParticipantId('8PHy8_T19vf4-fr7_P3-_w')
if (!room || !participant) throw new Error('unreachable: both are ids')
const context = Buffer.concat([
  idToBytes(room),
  idToBytes(participant),
  Buffer.from(`00${kidText(kid)}`, 'hex'),
])

const describe = (
  { suite, baseKey, kid: keyId, label, mimeType }: Omit<ReferenceFrame, 'frame'>,
  sealed: Uint8Array,
) => ({ suite, baseKey: hex(baseKey), kid: kidText(keyId), label, mimeType, sealed: hex(sealed) })

const vectors = {
  about:
    'Media frames of Conclave: spec/media.md. Bytes are hexadecimal, KIDs of 14 digits. `opened` where a decoder gets other bytes than the encoder gave.',
  baseKeys: [4, 5].map((suite) => ({
    suite,
    room,
    participant,
    kid: kidText(kid),
    label: 'conclave/1 media',
    context: hex(context),
    length: suite === 4 ? 16 : 32,
  })),
  frames: frames.map((frame) => ({
    ...describe(frame, sealReference(frame)),
    name: frame.name,
    counter: frame.counter,
    frame: hex(frame.frame),
    ...(frame.hasClearVp9Byte && { hasClearVp9Byte: true }),
    ...(restoreReference(frame).equals(frame.frame)
      ? {}
      : { opened: hex(restoreReference(frame)) }),
  })),
  received: av1Received.map(({ name, of, sealed }) => ({
    ...describe(of, sealed),
    name,
    opened: hex(of.frame),
  })),
  dropped: dropped.map(({ name, of, sealed, reason }) => ({
    ...describe(of, sealed),
    name,
    reason,
  })),
}
const file = new URL('../../../../spec/vectors/sframe.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(vectors, undefined, 2)}\n`)
