/**
 * Descriptions and candidates that cost their receiver much.
 *
 * @module
 */

/** An offer that is as long as one may be, with hundreds of sections, of which it describes the first sixteen. */
export function hugeOffer(connection: string, negotiation: number): object {
  const head = `v=0\r\no=- 1 ${negotiation + 1} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n`
  const sections: string[] = []
  let length = head.length
  for (;;) {
    const section = sectionOf(sections.length.toString(36))
    length += section.length + 5
    if (length > MAX_SDP) break
    sections.push(section)
  }
  const mids = sections.map((_, at) => at.toString(36))
  const sdp = `${head}a=group:BUNDLE ${mids.join(' ')}\r\n${sections.join('')}`
  const tracks = mids.slice(0, 16).map((mid, at) => {
    return { mid, label: at === 0 ? 'camera' : `label-${at}`, kind: 'video', active: true }
  })
  return { type: 'offer', connection, negotiation, ice: 1, sdp, tracks, keys: '' }
}

/** An offer of one section, which candidates can follow. */
export function smallOffer(connection: string): object {
  const head = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n'
  const tracks = [{ mid: '0', label: 'camera', kind: 'video', active: true }]
  const sdp = head + sectionOf('0')
  return { type: 'offer', connection, negotiation: 1, ice: 1, sdp, tracks, keys: '' }
}

/** So many candidates from a number on, each of another address and port. */
export function candidatesOf(first: number, count: number): readonly object[] {
  return Array.from({ length: count }, (_, offset) => {
    const at = first + offset
    const address = `${at % 2 === 0 ? '127.0' : '192.168'}.${(at >> 8) & 255}.${at & 255}`
    const port = 1024 + (at % 60_000)
    const candidate = `candidate:${at + 1} 1 udp ${2_000_000_000 - at} ${address} ${port} typ host`
    return { candidate, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null }
  })
}

const MAX_SDP = 59_900
const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':')

const sectionOf = (mid: string): string =>
  [
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=rtcp-mux',
    'a=sendonly',
    'a=rtpmap:96 VP8/90000',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:0123456789012345678901',
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    'a=setup:actpass',
    '',
  ].join('\r\n')
