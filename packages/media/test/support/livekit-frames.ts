/**
 * Frames of each codec that LiveKit's format seals.
 */
import { bytes } from './frames.ts'

/** A frame of a codec, and how it comes out at the other end where that differs. */
export interface CodecFrame {
  readonly name: string
  readonly mimeType: string
  readonly frame: Uint8Array<ArrayBuffer>
  readonly restored?: Uint8Array<ArrayBuffer>
}

const parameterSets = [0x67, 0x42, 0xc0, 0x1f, 0xda]
const pictureSet = [0x68, 0xce, 0x3c, 0x80]
const slice = (head: number, length: number): number[] => [head, 0x88, 0x84, ...bytes(length, 3)]

export const codecFrames: readonly CodecFrame[] = [
  { name: 'Opus', mimeType: 'audio/opus', frame: bytes(80, 0x78) },
  { name: 'Opus of one byte', mimeType: 'audio/opus', frame: bytes(1, 0x78) },
  {
    name: 'a VP8 key frame',
    mimeType: 'video/vp8',
    frame: Uint8Array.of(0x50, 0x42, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0, ...bytes(300)),
  },
  { name: 'a VP8 delta frame', mimeType: 'video/vp8', frame: Uint8Array.of(0x31, ...bytes(200)) },
  { name: 'VP9', mimeType: 'video/vp9', frame: bytes(250, 0x86) },
  {
    name: 'an H.264 key frame',
    mimeType: 'video/h264',
    frame: Uint8Array.of(
      ...[0, 0, 0, 1, ...parameterSets, 0, 0, 0, 1, ...pictureSet],
      ...[0, 0, 0, 1, ...slice(0x65, 400)],
    ),
  },
  {
    name: 'an H.264 key frame of short start codes and two slices',
    mimeType: 'video/h264',
    frame: Uint8Array.of(
      ...[0, 0, 0, 1, ...parameterSets, 0, 0, 1, ...pictureSet],
      ...[0, 0, 1, ...slice(0x65, 400), 0, 0, 1, ...slice(0x65, 100)],
    ),
    restored: Uint8Array.of(
      ...[0, 0, 0, 1, ...parameterSets, 0, 0, 0, 1, ...pictureSet],
      ...[0, 0, 0, 1, ...slice(0x65, 400), 0, 0, 1, ...slice(0x65, 100)],
    ),
  },
  {
    name: 'an H.264 delta frame',
    mimeType: 'video/h264',
    frame: Uint8Array.of(0, 0, 0, 1, ...slice(0x41, 200)),
  },
]
