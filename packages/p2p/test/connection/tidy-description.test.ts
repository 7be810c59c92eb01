import { expect, test } from 'vitest'
import { tidyDescription } from '../../src/connection/tidy-description.ts'

const join = (...lines: readonly string[]): string => [...lines, ''].join('\r\n')

test('[S27] attributes of payload types that are not offered are removed, section by section', () => {
  const untidy = join(
    'v=0',
    'a=fmtp:7 before any section',
    'm=audio 9 UDP/TLS/RTP/SAVPF 109',
    'a=rtpmap:109 opus/48000/2',
    'a=fmtp:109 maxplaybackrate=48000',
    'a=rtcp-fb:120 nack',
    'm=video 9 UDP/TLS/RTP/SAVPF 120 124',
    'a=fmtp:120 max-fs=12288',
    'a=fmtp:124 apt=120',
    'a=fmtp:12 x',
    'a=rtcp-fb:* ccm fir',
    'a=rtcp-fb:120 nack',
    'a=rtcp-fb:121 nack',
    'a=rtcp-fb:121 nack pli',
    'a=rtpmap:120 VP8/90000',
    'a=rtpmap:124 rtx/90000',
    'a=rtpmap:121 VP9/90000',
    'a=ssrc:121 cname:x',
  )
  expect(tidyDescription(untidy)).toBe(
    join(
      'v=0',
      'a=fmtp:7 before any section',
      'm=audio 9 UDP/TLS/RTP/SAVPF 109',
      'a=rtpmap:109 opus/48000/2',
      'a=fmtp:109 maxplaybackrate=48000',
      'm=video 9 UDP/TLS/RTP/SAVPF 120 124',
      'a=fmtp:120 max-fs=12288',
      'a=fmtp:124 apt=120',
      'a=rtcp-fb:* ccm fir',
      'a=rtcp-fb:120 nack',
      'a=rtpmap:120 VP8/90000',
      'a=rtpmap:124 rtx/90000',
      'a=ssrc:121 cname:x',
    ),
  )
})

test('[S27] a tidy description stays as it is', () => {
  const tidy = join('v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000')
  expect(tidyDescription(tidy)).toBe(tidy)
  expect(tidyDescription('')).toBe('')
})
