/**
 * Finds addresses in chat text. The result is data: nothing here or later parses HTML.
 *
 * @module
 */

/** A piece of a message: plain text, or an address that may be followed. */
export type TextPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'link'
      readonly text: string
      readonly href: string
      /** The real name of the host, where letters of other scripts may look like those of another name. */
      readonly host?: string
    }

/** Splits text into plain pieces and links to `http` and `https`; joined again, the pieces are the text. */
export function splitLinks(text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(ADDRESS_PATTERN)) {
    const address = trimAddress(match[0])
    const url = safeUrl(address)
    if (url === undefined) continue
    if (match.index > end) parts.push({ type: 'text', text: text.slice(end, match.index) })
    const hidden = url.hostname.split('.').some((label) => label.startsWith('xn--'))
    parts.push({
      type: 'link',
      text: address,
      href: url.href,
      ...(hidden ? { host: url.hostname } : {}),
    })
    end = match.index + address.length
  }
  if (end < text.length) parts.push({ type: 'text', text: text.slice(end) })
  return parts
}

// Controls that reorder text are left out, so that an address cannot be shown as another one.
const ADDRESS_PATTERN =
  /(?:\bhttps?:\/\/|(?<![\w.@/-])www\.(?=[^\s.]+\.))[^\s<>"'`\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/giu

/** Takes off punctuation that ends the sentence, and a bracket that opened before the address. */
const trimAddress = (address: string): string => {
  let trimmed = address
  for (;;) {
    const last = trimmed.at(-1) ?? ''
    const opener = OPENER_BY_CLOSER.get(last)
    const loose = opener !== undefined && count(trimmed, last) > count(trimmed, opener)
    if (!loose && !'.,;:!?…'.includes(last)) return trimmed
    if (trimmed === '') return trimmed
    trimmed = trimmed.slice(0, -1)
  }
}

const OPENER_BY_CLOSER: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
])

const count = (text: string, part: string): number => text.split(part).length - 1

const safeUrl = (address: string): URL | undefined => {
  const whole = /^www\./i.test(address) ? `https://${address}` : address
  if (!URL.canParse(whole)) return undefined
  const url = new URL(whole)
  const safe = url.protocol === 'http:' || url.protocol === 'https:'
  return safe && url.username === '' && url.password === '' ? url : undefined
}
