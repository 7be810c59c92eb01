import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitLinks } from '../src/state/autolink.ts'

const linksOf = (text: string): readonly string[] =>
  splitLinks(text).flatMap((part) => (part.type === 'link' ? [part.text] : []))

test('an address in a sentence is a link, without the punctuation that ends the sentence', () => {
  expect(splitLinks('See https://example.org/a?b=1#c, please.')).toEqual([
    { type: 'text', text: 'See ' },
    { type: 'link', text: 'https://example.org/a?b=1#c', href: 'https://example.org/a?b=1#c' },
    { type: 'text', text: ', please.' },
  ])
})

test.each([
  ['(https://example.org/a)', ['https://example.org/a']],
  ['https://example.org/wiki/Key_(lock)', ['https://example.org/wiki/Key_(lock)']],
  ['"http://example.org"', ['http://example.org']],
  ['https://a.example https://b.example', ['https://a.example', 'https://b.example']],
  ['HTTPS://EXAMPLE.ORG/', ['HTTPS://EXAMPLE.ORG/']],
  ['see www.example.org/a.', ['www.example.org/a']],
  ['www. is short for', []],
  ['write to alice@example.org.', ['alice@example.org']],
  ['<alice.l+looms@mail.example.org>', ['alice.l+looms@mail.example.org']],
  ['alice@www.example.org', ['alice@www.example.org']],
  ['alice@example, @alice, a@b, alice@@example.org', []],
  ['https://example.org/@alice', ['https://example.org/@alice']],
  ['nothing to see', []],
])('%s', (text, links) => {
  expect(linksOf(text)).toEqual(links)
})

test.each([
  ['javascript:alert(1)'],
  ['data:text/html,x'],
  ['file:///etc/passwd'],
  ['ftp://example.org'],
  ['xhttps://example.org'],
  ['https://user:password@example.org'],
  ['https://'],
  ['https://:80'],
  ['mailto:alice@example.org?cc=alice@example.org'],
  ['\u0435da@example.org'],
  ['alice@ex\u0430mple.org'],
  ['alice@\u212Aayak.example'],
])('%s is not followed', (text) => {
  expect(linksOf(text)).toEqual([])
})

test('a link to a mail address writes to it', () => {
  expect(splitLinks('alice@example.org')).toEqual([
    { type: 'link', text: 'alice@example.org', href: 'mailto:alice@example.org' },
  ])
})

test.each([
  ['http://\u0435xample.com', 'xn--xample-2of.com'],
  ['www.\u0435xample.com', 'www.xn--xample-2of.com'],
  ['http://\uFF45xample.com', 'example.com'],
  ['http://0x7f.1/', '127.0.0.1'],
  ['https://example.org\\.example.com', 'example.org'],
  ['https:///example.com', 'example.com'],
])('the real host is named where %s shows another one', (text, host) => {
  expect(splitLinks(text)).toMatchObject([{ type: 'link', text, host }])
})

test.each(['www.example.org', 'HTTPS://Example.Org:8080/a', 'https://xn--xample-2of.com?b'])(
  'the host is not named twice in %s',
  (text) => {
    expect(splitLinks(text)[0]).not.toHaveProperty('host')
  },
)

test('controls that reorder text end an address', () => {
  expect(linksOf('https://example.org/\u202Etxt.exe')).toEqual(['https://example.org/'])
})

test('the pieces joined are the text, and every link is http, https or mailto', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.emailAddress(),
    fc.constantFrom(' ', '(', ')', '.', '@', 'https://', 'mailto:', 'javascript:'),
  )
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join('')
      const parts = splitLinks(text)
      expect(parts.map((part) => part.text).join('')).toBe(text)
      const hrefs = parts.flatMap((part) => (part.type === 'link' ? [part.href] : []))
      for (const href of hrefs) expect(href).toMatch(/^(?:https?:\/\/|mailto:[^?&%]+$)/)
    }),
  )
})
