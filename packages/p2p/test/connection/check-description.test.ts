import { expect, test } from 'vitest'
import {
  MAX_SECTIONS,
  MAX_SECTION_LINES,
  checkDescription,
} from '../../src/connection/check-description.ts'

const head = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0']
const section = (more = 0): string[] => [
  ...['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0'],
  ...Array.from({ length: more }, () => 'a=rtpmap:96 VP8/90000'),
]
const text = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`
const all = (): boolean => true

test('[S115] a description as browsers write it stays as it is', () => {
  const sdp = text(...head, ...section(), ...section(200))
  expect(checkDescription(sdp, all)).toBe(sdp)
})

test('[S115] more than 17 sections are too many, whatever ends their lines', () => {
  const sections = (count: number) => Array.from({ length: count }, () => section()).flat()
  const most = text(...head, ...sections(MAX_SECTIONS))
  expect(MAX_SECTIONS).toBe(17)
  expect(checkDescription(most, all)).toBe(most)
  for (const end of ['\r\n', '\n', '\r']) {
    const sdp = [...head, ...sections(MAX_SECTIONS + 1)].join(end)
    expect(checkDescription(sdp, all)).toBeUndefined()
  }
})

test('[S115] more than 400 lines in one section are too many, before the first one too', () => {
  const most = text(...head, ...section(MAX_SECTION_LINES - 3))
  expect(checkDescription(most, all)).toBe(most)
  expect(checkDescription(text(...head, ...section(MAX_SECTION_LINES)), all)).toBeUndefined()
  const attributes = Array.from({ length: MAX_SECTION_LINES }, () => 'a=x')
  expect(checkDescription(text(...head, ...attributes), all)).toBeUndefined()
})

test('[S116] candidates that are refused go out of it, and the rest stays', () => {
  const good = 'a=candidate:1 1 udp 1 10.0.0.1 5000 typ host'
  const bad = 'a=candidate:2 1 udp 1 10.0.0.2 5000 typ host'
  const asked: string[] = []
  const sdp = checkDescription(text(...head, ...section(), bad, good, 'a=x'), (candidate) => {
    asked.push(candidate)
    return candidate.includes('10.0.0.1')
  })
  expect(sdp).toBe(text(...head, ...section(), good, 'a=x'))
  expect(asked).toEqual([bad.slice(2), good.slice(2)])
})
