/**
 * Limits of the bit rate and size of a track, chosen for a mesh, which uploads a copy for each peer.
 *
 * @module
 */

import type { Wish } from '../signalling/messages.ts'

/** Limits for one track to one peer. */
export interface EncodingLimits {
  /** Nothing is sent. */
  readonly isPaused?: boolean
  readonly maxBitrate: number
  readonly maxFramerate?: number
  /** Video is scaled down to about this height, in pixels; its shape stays. */
  readonly maxHeight?: number
  readonly degradationPreference?: RTCDegradationPreference
}

/** The limits of a track by its label and kind, when `peers` others receive it. spec S35 */
export function encodingLimits(
  label: string,
  kind: 'audio' | 'video',
  peers: number,
): EncodingLimits {
  if (kind === 'audio') return { maxBitrate: label === 'microphone' ? 48_000 : 96_000 }
  if (label === 'screen') return peers <= 3 ? SCREEN : { ...SCREEN, maxBitrate: 1_200_000 }
  const [, maxBitrate, maxFramerate, maxHeight] =
    CAMERA_STEPS.find(([most]) => peers <= most) ?? CAMERA_STEPS[4]
  return { maxBitrate, maxFramerate, maxHeight }
}

/** Limits of a track on a machine that is asked for less, by the level of its load. A screen and sound stay. spec S122 */
export function lessUnderLoad(
  label: string,
  limits: EncodingLimits,
  level: number,
): EncodingLimits {
  const least = LESS[level - 1]
  if (least === undefined || label === 'screen' || limits.maxHeight === undefined) return limits
  return {
    ...limits,
    maxBitrate: Math.min(limits.maxBitrate, least.maxBitrate),
    maxFramerate: Math.min(limits.maxFramerate ?? Infinity, least.maxFramerate),
    maxHeight: Math.min(limits.maxHeight, least.maxHeight),
  }
}

/** Limits of a video of which a peer wants less. A screen stays as large as it is, so that it can be read. spec S125 */
export function lessByWish(label: string, limits: EncodingLimits, wish: Wish): EncodingLimits {
  if (wish === 'paused') return { ...limits, isPaused: true }
  if (wish === 'full') return limits
  return label === 'screen'
    ? { ...limits, maxFramerate: Math.min(limits.maxFramerate ?? Infinity, LOW_SCREEN_FRAMERATE) }
    : lessUnderLoad(label, limits, LESS.length)
}

/** The pixels a second of all copies of a camera at a level of load. One copy counts for nothing: every machine makes it. */
export function cameraPixels(peers: number, level: number): number {
  if (peers < 2) return 0
  const limits = lessUnderLoad('camera', encodingLimits('camera', 'video', peers), level)
  const { maxHeight = 720, maxFramerate = 30 } = limits
  return peers * ((maxHeight ** 2 * 16) / 9) * maxFramerate
}

/** The encodings that a section begins with, for the codecs that it may use. spec S54 */
export function startEncodings(codecs: readonly string[]): LayeredEncoding[] {
  return [isLayered(codecs[0]) ? LAYERS : {}]
}

/** Writes limits into the parameters for `RTCRtpSender.setParameters`; `height` is that of the video in pixels, 0 if it is not known. */
export function applyLimits(
  parameters: RTCRtpSendParameters,
  { maxHeight, degradationPreference, isPaused = false, ...rates }: EncodingLimits,
  height: number,
): RTCRtpSendParameters {
  const mayLayer = isLayered(parameters.codecs[0]?.mimeType)
  return {
    ...parameters,
    ...(degradationPreference && { degradationPreference }),
    encodings: parameters.encodings.map((encoding: LayeredEncoding) => ({
      ...encoding,
      ...(mayLayer && !encoding.scalabilityMode?.match(/T[23]/) && LAYERS),
      ...rates,
      ...(maxHeight && { scaleResolutionDownBy: Math.max(1, height / maxHeight) }),
      active: !isPaused,
    })),
  }
}

/** An encoding with what the platform's types lack. */
type LayeredEncoding = RTCRtpEncodingParameters & { readonly scalabilityMode?: string }

const LAYERS = { scalabilityMode: 'L1T2' }
/**
 * Chromium (156) with a transform stands still for 3 s after the first frame in many calls with one layer of these codecs, whose
 * packets do not number the pictures.
 */
const isLayered = (codec = ''): boolean => /av1|h264/i.test(codec)

const SCREEN: EncodingLimits = {
  maxBitrate: 2_500_000,
  maxFramerate: 10,
  maxHeight: 1_440,
  degradationPreference: 'maintain-resolution',
}

/** The pictures a second of a screen of which a peer wants less. */
const LOW_SCREEN_FRAMERATE = 5

/** By the level of the load, from 1 on: each takes about half of the one before. */
const LESS = [
  { maxBitrate: 450_000, maxFramerate: 20, maxHeight: 360 },
  { maxBitrate: 300_000, maxFramerate: 15, maxHeight: 270 },
  { maxBitrate: 150_000, maxFramerate: 12, maxHeight: 180 },
] as const

/** The limits of a camera, for so many peers each. */
const CAMERA_STEPS = [
  [3, 1_200_000, 30, 720],
  [5, 700_000, 30, 480],
  [8, 400_000, 24, 360],
  [15, 250_000, 20, 270],
  [Infinity, 180_000, 15, 240],
] as const
