/**
 * The codecs that can be sealed, and how much of a frame stays clear in each. spec M5, M6
 *
 * @module
 */
import { opusPrefixLength } from './opus.ts'
import { vp8PrefixLength } from './vp8.ts'

/** The sealing rule of one codec. */
export interface CodecProfile {
  readonly mimeType: string
  /** Length of the clear prefix; `undefined` for a frame shorter than that. */
  prefixLength(frame: Uint8Array): number | undefined
}

/** The codecs that may be negotiated, as lower-case mime types. */
export const SUPPORTED_CODECS: {
  readonly audio: readonly string[]
  readonly video: readonly string[]
} = { audio: ['audio/opus'], video: ['video/vp8'] }

/**
 * The profile for a mime type in any case; `undefined` for a codec that cannot be sealed. You must drop
 * the frame then: another codec's profile would leave the wrong bytes clear.
 */
export function findCodecProfile(mimeType: string | undefined): CodecProfile | undefined {
  return mimeType === undefined ? undefined : PROFILE_BY_MIME_TYPE.get(mimeType.toLowerCase())
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

const PROFILE_BY_MIME_TYPE: ReadonlyMap<string, CodecProfile> = new Map(
  [
    { mimeType: 'audio/opus', prefixLength: opusPrefixLength },
    { mimeType: 'video/vp8', prefixLength: vp8PrefixLength },
  ].map((profile) => [profile.mimeType, profile]),
)

/** `red` is absent on purpose: its payload is another format, which is not sealed here. */
const CARRIERS: ReadonlySet<string> = new Set(['rtx', 'ulpfec', 'flexfec-03', 'cn'])
