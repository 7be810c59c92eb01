/**
 * Limits negotiation to codecs whose frames can be protected. spec S27
 *
 * @module
 */

/**
 * Filters capabilities: the allowed codecs stay in the platform's order, and so does retransmission, which carries their
 * packets. Redundancy (`red`, `ulpfec`) would wrap or copy frames and is removed unless it is allowed by name.
 */
export function allowedCodecs<Codec extends { readonly mimeType: string }>(
  codecs: readonly Codec[],
  allowed: readonly string[],
): Codec[] {
  const names = new Set(allowed)
  return codecs.filter((codec) => {
    const name = codec.mimeType.toLowerCase()
    return names.has(name) || name.endsWith('/rtx')
  })
}

/**
 * Limits a transceiver to the allowed codecs. Returns `false` if the platform has none of them: you must not use the
 * transceiver then.
 *
 * @throws Error if the platform refuses them
 */
export function limitCodecs(
  transceiver: RTCRtpTransceiver,
  allowed: readonly string[],
  capabilities: RTCRtpCapabilities | null,
): boolean {
  const codecs = allowedCodecs(capabilities?.codecs ?? [], allowed)
  if (codecs.every((codec) => codec.mimeType.toLowerCase().endsWith('/rtx'))) return false
  transceiver.setCodecPreferences(codecs)
  return true
}
