/**
 * Makes a description readable for every browser before it is sent.
 *
 * @module
 */

/**
 * Removes attributes of payload types that their media section does not offer: Firefox (153) leaves the feedback lines
 * of codecs that were removed by preference, and Chromium (156) refuses the whole description for them. spec S27
 */
export function tidyDescription(sdp: string): string {
  let offered: ReadonlySet<string> | undefined
  const lines = sdp.split('\r\n').filter((line) => {
    // m=<media> <port> <proto> <fmt> ... RFC 8866 §5.14
    if (line.startsWith('m=')) offered = new Set(line.split(' ').slice(3))
    const [, payloadType] = PAYLOAD_ATTRIBUTE.exec(line) ?? []
    return payloadType === undefined || offered === undefined || offered.has(payloadType)
  })
  return lines.join('\r\n')
}

/** RFC 8866 §6.6 and §6.15, RFC 4585 §4.2; feedback for `*` belongs to all types. */
const PAYLOAD_ATTRIBUTE = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /
