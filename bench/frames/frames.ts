/**
 * Encoded frames of a size, as encoders make them as far as anybody here reads them.
 *
 * @module
 */
import type { BenchFrame } from './transform.ts'

/** The codecs by their mime types. */
export const CODECS = ['audio/opus', 'video/vp8', 'video/vp9', 'video/av1', 'video/h264'] as const

/** Sizes of frames in bytes. */
export const SIZES = [120, 1200, 10_000, 50_000] as const

/** A delta frame of a codec with this many bytes. */
export function makeData(mimeType: string, size: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(data.subarray(at, at + 65_536))
  // Encoders write no start code into a slice.
  if (mimeType === 'video/h264') data.forEach((byte, at) => (data[at] = byte || 1))
  data.set(headOf(mimeType, size))
  return data
}

/** A frame with a copy of the data, as an engine would hand it over. */
export function makeFrame(mimeType: string, data: Uint8Array, number: number): BenchFrame {
  const metadata = { mimeType, synchronizationSource: 0x1234_5678 }
  const isVideo = mimeType.startsWith('video/')
  return {
    ...{ data: data.slice().buffer as ArrayBuffer, timestamp: 3000 * number },
    getMetadata: () => metadata,
    ...(isVideo && { type: 'delta' }),
  }
}

function headOf(mimeType: string, size: number): readonly number[] {
  switch (mimeType) {
    case 'video/vp8':
      return [0x31]
    case 'video/vp9':
      return [0x86]
    case 'video/av1':
      return [0x12, 0x00, 0x32, ...leb128(size - 2 - 1 - leb128(size).length)]
    case 'video/h264':
      return [0, 0, 0, 1, 0x41, 0x9a, 0x02, 0x04]
    default:
      return [0x78]
  }
}

function leb128(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0))
  }
  return bytes
}
