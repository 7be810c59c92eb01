/**
 * Looks for what must not be there: planted words in everything that a hub received or logged, as
 * they are and in the disguises that text takes on its way through programs.
 *
 * @module
 */

/** A marker that was found, and in which form. */
export interface Finding {
  readonly marker: string
  readonly form: string
  readonly offset: number
}

/** Lines of session descriptions and candidates: the signalling that must be sealed. */
export const SIGNALLING_MARKERS: readonly string[] = [
  'a=ice-pwd',
  'a=ice-ufrag',
  'a=fingerprint',
  'a=candidate',
  'a=setup:',
  'candidate:',
  'm=video',
  'm=audio',
  'typ host',
  'v=0\r\n',
]

/** Names of the fake devices of Chromium and Firefox, and of what Chromium shares as its screen. */
export const DEVICE_MARKERS: readonly string[] = [
  'fake_device',
  'Fake Default Audio Input',
  'Default Audio Device',
  'Default Video Device',
  'web-contents-media-stream',
]

/** Every marker that occurs in the bytes, in any of its forms. */
export function findMarkers(bytes: Uint8Array, markers: Iterable<string>): Finding[] {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const lower = Buffer.from(haystack.toString('latin1').toLowerCase(), 'latin1')
  const findings: Finding[] = []
  for (const marker of markers) {
    for (const [form, needle] of formsOf(marker)) {
      const offset = (form === 'hex' ? lower : haystack).indexOf(needle)
      if (offset !== -1) findings.push({ marker, form, offset })
    }
  }
  return findings
}

const formsOf = (marker: string): [form: string, needle: Buffer][] => {
  const utf8 = Buffer.from(marker)
  const escaped = JSON.stringify(marker).slice(1, -1)
  const forms: [string, Buffer][] = [
    ['as it is', utf8],
    ['JSON', Buffer.from(escaped)],
    ['URL', Buffer.from(encodeURIComponent(marker))],
    ['UTF-16', Buffer.from(marker, 'utf16le')],
    ['hex', Buffer.from(utf8.toString('hex'))],
    ...base64Cores(utf8).flatMap((core): [string, Buffer][] => [
      ['base64', Buffer.from(core)],
      ['base64url', Buffer.from(core.replaceAll('+', '-').replaceAll('/', '_'))],
    ]),
  ]
  // The random part of a link's secret comes as base64url of raw bytes.
  if (/^[\w-]{42}$/.test(marker)) forms.push(['raw bytes', Buffer.from(marker, 'base64url')])
  return forms
}

/** How bytes look in the middle of base64, at each of the three places where they can begin. */
const base64Cores = (bytes: Buffer): string[] =>
  [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '')
    // The first characters depend on what stands before, the last ones on what comes after.
    const begin = shift === 0 ? 0 : shift + 1
    const whole = (shift + bytes.length) % 3 === 0 ? text.length : text.length - 1
    return text.slice(begin, whole)
  })
