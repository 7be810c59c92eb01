/**
 * The codecs that may be negotiated: the page's side of the codecs, without the rules of sealing. spec M6
 *
 * @module
 */
import { describeType } from '@conclave/base'

/** The codecs that may be negotiated, as lower-case mime types, in the order of preference. */
export const SUPPORTED_CODECS: {
  readonly audio: readonly string[]
  readonly video: readonly string[]
} = { audio: ['audio/opus'], video: ['video/vp8', 'video/vp9', 'video/h264', 'video/av1'] }

/**
 * The codecs that may be negotiated, those of video as the application prefers them. spec M50
 *
 * @throws TypeError that names `videoCodecs`
 */
export function chooseCodecs(videoCodecs: unknown): typeof SUPPORTED_CODECS {
  if (videoCodecs === undefined) return SUPPORTED_CODECS
  const { audio, video } = SUPPORTED_CODECS
  const isChoice = Array.isArray(videoCodecs) && videoCodecs.length > 0
  const chosen = isChoice ? [...new Set(videoCodecs.map((name) => String(name).toLowerCase()))] : []
  if (isChoice && chosen.every((name) => video.includes(name))) return { audio, video: chosen }
  const got = isChoice ? 'another codec' : describeType(videoCodecs)
  throw new TypeError(`"videoCodecs" expected one or more of ${video.join(', ')}, got ${got}`)
}

/**
 * The one media codec among negotiated ones, lower case; `undefined` if there is none or a choice of
 * several. Retransmission and error correction formats carry frames of others and do not count.
 */
export function singleCodec(codecs: readonly { readonly mimeType: string }[]): string | undefined {
  const names = new Set(codecs.map((codec) => codec.mimeType.toLowerCase()))
  for (const name of names) if (CARRIERS.has(name.slice(name.indexOf('/') + 1))) names.delete(name)
  const [only, ...others] = names
  return others.length === 0 ? only : undefined
}

/** `red` is absent on purpose: its payload is another format, which is not sealed here. */
const CARRIERS: ReadonlySet<string> = new Set(['rtx', 'ulpfec', 'flexfec-03', 'cn'])
