/**
 * The codecs that may be negotiated: the page's side of the codecs, without the rules of sealing. spec M6
 *
 * @module
 */

/** The codecs that may be negotiated, as lower-case mime types, in the order of preference. */
export const SUPPORTED_CODECS: {
  readonly audio: readonly string[]
  readonly video: readonly string[]
} = { audio: ['audio/opus'], video: ['video/vp8'] }

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
