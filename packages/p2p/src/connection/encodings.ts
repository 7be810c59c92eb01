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
  const step = CAMERA_STEPS.find((candidate) => peers <= candidate.peers)
  return step?.limits ?? CAMERA_LEAST
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
  return LAYERED.has(codecs[0] ?? '') ? [{ scalabilityMode: LEAST_LAYERS }] : []
}

/** Writes limits into the parameters for `RTCRtpSender.setParameters`; `height` is that of the video in pixels, if known. */
export function applyLimits(
  parameters: RTCRtpSendParameters,
  limits: EncodingLimits,
  height: number | undefined,
): RTCRtpSendParameters {
  const { maxBitrate, maxFramerate, maxHeight, degradationPreference, isPaused = false } = limits
  const isLayered = LAYERED.has(parameters.codecs[0]?.mimeType.toLowerCase() ?? '')
  const scale =
    maxHeight === undefined || height === undefined ? undefined : Math.max(1, height / maxHeight)
  return {
    ...parameters,
    ...(degradationPreference === undefined ? {} : { degradationPreference }),
    encodings: parameters.encodings.map((encoding: LayeredEncoding) => ({
      ...encoding,
      active: !isPaused,
      ...(isLayered && (encoding.scalabilityMode ?? ONE_LAYER) === ONE_LAYER
        ? { scalabilityMode: LEAST_LAYERS }
        : {}),
      maxBitrate,
      ...(maxFramerate === undefined ? {} : { maxFramerate }),
      ...(scale === undefined ? {} : { scaleResolutionDownBy: scale }),
    })),
  }
}

/** An encoding with what the platform's types lack. */
type LayeredEncoding = RTCRtpEncodingParameters & { readonly scalabilityMode?: string }

const ONE_LAYER = 'L1T1'
const LEAST_LAYERS = 'L1T2'
/**
 * Chromium (156) with a transform stands still for 3 s after the first frame in many calls with one layer of these codecs, whose
 * packets do not number the pictures.
 */
const LAYERED: ReadonlySet<string> = new Set(['video/av1', 'video/h264'])

const SCREEN: EncodingLimits = {
  maxBitrate: 2_500_000,
  maxFramerate: 10,
  maxHeight: 1_440,
  degradationPreference: 'maintain-resolution',
}

/** The pictures a second of a screen of which a peer wants less. */
const LOW_SCREEN_FRAMERATE = 5

const CAMERA_LEAST: EncodingLimits = { maxBitrate: 180_000, maxFramerate: 15, maxHeight: 240 }

/** By the level of the load, from 1 on: each takes about half of the one before. */
const LESS = [
  { maxBitrate: 450_000, maxFramerate: 20, maxHeight: 360 },
  { maxBitrate: 300_000, maxFramerate: 15, maxHeight: 270 },
  { maxBitrate: 150_000, maxFramerate: 12, maxHeight: 180 },
] as const

const CAMERA_STEPS: readonly { readonly peers: number; readonly limits: EncodingLimits }[] = [
  { peers: 3, limits: { maxBitrate: 1_200_000, maxFramerate: 30, maxHeight: 720 } },
  { peers: 5, limits: { maxBitrate: 700_000, maxFramerate: 30, maxHeight: 480 } },
  { peers: 8, limits: { maxBitrate: 400_000, maxFramerate: 24, maxHeight: 360 } },
  { peers: 15, limits: { maxBitrate: 250_000, maxFramerate: 20, maxHeight: 270 } },
]
