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
      /** The real name of the host, where the text shows another one. */
      readonly host?: string
    }

/**
 * Splits text into plain pieces and links: addresses with `http` and `https`, those that begin with `www.`, and mail
 * addresses. Joined again, the pieces are the text.
 */
export function splitLinks(text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(ADDRESS_PATTERN)) {
    const isMail = match.groups?.['mail'] !== undefined
    const address = isMail ? match[0] : trimAddress(match[0])
    const link = isMail ? mailLinkOf(address) : webLinkOf(address)
    if (link === undefined) continue
    if (match.index > end) parts.push({ type: 'text', text: text.slice(end, match.index) })
    parts.push({ type: 'link', text: address, ...link })
    end = match.index + address.length
  }
  if (end < text.length) parts.push({ type: 'text', text: text.slice(end) })
  return parts
}

// Controls that reorder text are left out, so that an address cannot be shown as another one.
const ADDRESS_PATTERN =
  /(?<mail>(?<![\p{L}\p{N}\p{M}.+_%@/:?&=-])[a-z0-9][\w.+-]{0,63}@(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}[a-z]{2,24}(?![\p{L}\p{N}\p{M}@_-]|\.[\p{L}\p{N}]))|(?:\bhttps?:\/\/|(?<![\w.@/-])www\.(?=[^\s.]+\.))[^\s<>"'`\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/giu

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

// Without regard to case, the pattern takes two letters of other scripts for `k` and `s`.
const mailLinkOf = (address: string): { readonly href: string } | undefined =>
  /^[\w.+@-]+$/.test(address) ? { href: `mailto:${address}` } : undefined

const webLinkOf = (
  address: string,
): { readonly href: string; readonly host?: string } | undefined => {
  const whole = /^www\./i.test(address) ? `https://${address}` : address
  if (!URL.canParse(whole)) return undefined
  const url = new URL(whole)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  // The browser may go to another host than the one that is read: letters of other scripts, odd digits and slashes.
  const readHost = /^https?:\/\/([^/?#:]*)/i.exec(whole)?.[1]?.toLowerCase()
  return { href: url.href, ...(readHost === url.hostname ? {} : { host: url.hostname }) }
}
