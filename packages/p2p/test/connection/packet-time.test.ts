import { expect, test } from 'vitest'
import { packetTimeUnderLoad, withPacketTime } from '../../src/connection/packet-time.ts'

const join = (...lines: readonly string[]): string => [...lines, ''].join('\r\n')

test('[S145] each section with sound asks for this length, and for no other', () => {
  const answer = join(
    'v=0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=ptime:20',
    'a=maxptime:40',
    'a=rtpmap:111 opus/48000/2',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'm=audio 0 UDP/TLS/RTP/SAVPF 111',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  )
  expect(withPacketTime(answer, 60)).toBe(
    join(
      'v=0',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=rtpmap:111 opus/48000/2',
      'a=ptime:60',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'm=audio 0 UDP/TLS/RTP/SAVPF 111',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=ptime:60',
    ),
  )
  for (const sdp of ['', 'v=0\r\n']) expect(withPacketTime(sdp, 60)).toBe(sdp)
})

test('[S145] packets are longer from the second level on', () => {
  const lengths = [0, 1, 2, 3].map((level) => packetTimeUnderLoad(() => level).ms())
  expect(lengths).toEqual([20, 20, 60, 60])
})
