import { expect, test } from 'vitest'
import { withStartBitrate } from '../../src/connection/start-bitrate.ts'

const join = (...lines: readonly string[]): string => [...lines, ''].join('\r\n')

test('[S35] each video section of an answer carries the hint at its first codec, with or without other parameters', () => {
  const answer = join(
    'v=0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=rtpmap:111 opus/48000/2',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
    'a=rtpmap:96 VP8/90000',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'm=video 9 UDP/TLS/RTP/SAVPF 120 96',
    'a=rtpmap:120 AV1/90000',
    'a=fmtp:120 max-fs=12288',
    'a=rtpmap:96 VP8/90000',
  )
  expect(withStartBitrate(answer, 800)).toBe(
    join(
      'v=0',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=rtpmap:111 opus/48000/2',
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
      'a=rtpmap:96 VP8/90000',
      'a=fmtp:96 x-google-start-bitrate=800',
      'a=rtpmap:97 rtx/90000',
      'a=fmtp:97 apt=96',
      'm=video 9 UDP/TLS/RTP/SAVPF 120 96',
      'a=rtpmap:120 AV1/90000',
      'a=fmtp:120 max-fs=12288;x-google-start-bitrate=800',
      'a=rtpmap:96 VP8/90000',
    ),
  )
})

test('[S35] a description without this video stays as it is', () => {
  for (const sdp of ['', 'v=0\r\n', 'm=video 9 X 1\r\n', 'a=rtpmap:1 VP8/90000\r\n']) {
    expect(withStartBitrate(sdp, 800)).toBe(sdp)
  }
})
