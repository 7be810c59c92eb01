/**
 * Limits negotiation to codecs whose frames can be protected. spec S27, S52
 *
 * @module
 */

import type { FrameProtector } from '../protectors.ts'

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
 * Limits a transceiver to the allowed codecs of its kind. Returns `false` if the platform has none of them to send, or to receive:
 * you must not use the transceiver then.
 *
 * @throws Error if the platform refuses them
 */
export function limitCodecs(
  transceiver: RTCRtpTransceiver,
  allowed: FrameProtector['codecs'],
  platform: Pick<typeof RTCRtpSender, 'getCapabilities'>,
): boolean {
  const kind = transceiver.receiver.track.kind as 'audio' | 'video'
  const codecs = allowedCodecs(platform.getCapabilities(kind)?.codecs ?? [], allowed[kind])
  if (codecs.length === 0) return false
  transceiver.setCodecPreferences(codecs)
  return true
}

/** Whether a transceiver carries nothing, because this side or the other one has no codec for it. spec S53 */
export function isRejected({ direction, currentDirection }: RTCRtpTransceiver): boolean {
  return direction === 'stopped' || currentDirection === 'inactive'
}

const isPlain = ({ mimeType, sdpFmtpLine = '' }: Codec): boolean =>
  PLAIN[mimeType.toLowerCase()]?.test(sdpFmtpLine) ?? true

/**
 * The parameters of a codec that has many forms, in the one to use: H.264 that divides a slice among packets, since a protected
 * frame is one slice (spec M47); VP9 and AV1 in profile 0, which is that of a line without the parameter.
 */
const PLAIN: Readonly<Record<string, RegExp>> = {
  'video/h264': /packetization-mode=1/,
  'video/vp9': /^(?!.*profile-id=[^0])/,
  'video/av1': /^(?!.*profile=[^0])/,
}
