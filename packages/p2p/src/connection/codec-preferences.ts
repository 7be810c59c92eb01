/**
 * Limits negotiation to codecs whose frames can be protected. spec S27, S52
 *
 * @module
 */

/** A codec as capabilities name it. */
interface Codec {
  readonly mimeType: string
  readonly sdpFmtpLine?: string
}

/**
 * Filters capabilities: the allowed codecs, in the order in which they are allowed, then retransmission, which carries their
 * packets. Redundancy (`red`, `ulpfec`) would wrap or copy frames and is removed unless it is allowed by name. Of a
 * codec with many forms only the plain ones stay. Empty if none of the allowed codecs is there.
 */
export function allowedCodecs<T extends Codec>(
  codecs: readonly T[],
  allowed: readonly string[],
): T[] {
  const named = (name: string): T[] =>
    codecs.filter((codec) => codec.mimeType.toLowerCase() === name && isPlain(codec))
  const media = [...new Set(allowed)].flatMap(named)
  const retransmission = codecs.filter(({ mimeType }) => mimeType.toLowerCase().endsWith('/rtx'))
  return media.length === 0 ? [] : [...media, ...retransmission]
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
  if (codecs.length === 0) return false
  transceiver.setCodecPreferences(codecs)
  return true
}

/** Whether a transceiver carries nothing, because this side or the other one has no codec for it. spec S53 */
export function isRejected({ direction, currentDirection }: RTCRtpTransceiver): boolean {
  return direction === 'stopped' || currentDirection === 'inactive'
}

/**
 * Whether a codec is in the form to use: H.264 that divides a slice among packets, since a protected frame is one slice
 * (spec M47); VP9 and AV1 in profile 0.
 */
const isPlain = ({ mimeType, sdpFmtpLine = '' }: Codec): boolean => {
  const [name, expected, standard] = FORMS[mimeType.toLowerCase()] ?? []
  if (name === undefined) return true
  const [, value = standard] = new RegExp(`(?:^|;) *${name}=(\\d+)`).exec(sdpFmtpLine) ?? []
  return value === expected
}

/** The parameter of a codec's form, its value in the plain form, and where it is left out. */
const FORMS: Readonly<Record<string, readonly [name: string, plain: string, standard: string]>> = {
  'video/h264': ['packetization-mode', '1', '0'],
  'video/vp9': ['profile-id', '0', '0'],
  'video/av1': ['profile', '0', '0'],
}
