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
  ['ada@www.example.org', []],
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
])('%s is not followed', (text) => {
  expect(linksOf(text)).toEqual([])
})

test('a host that looks like another one is named as it is', () => {
  expect(splitLinks('http://\u0435xample.com')).toEqual([
    {
      type: 'link',
      text: 'http://\u0435xample.com',
      href: 'http://xn--xample-2of.com/',
      host: 'xn--xample-2of.com',
    },
  ])
  expect(splitLinks('www.example.org')[0]).not.toHaveProperty('host')
})

test('controls that reorder text end an address', () => {
  expect(linksOf('https://example.org/\u202Etxt.exe')).toEqual(['https://example.org/'])
})

test('the pieces joined are the text, and every link is http or https', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.constantFrom(' ', '(', ')', '.', 'https://', 'javascript:'),
  )
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join('')
      const parts = splitLinks(text)
      expect(parts.map((part) => part.text).join('')).toBe(text)
      const hrefs = parts.flatMap((part) => (part.type === 'link' ? [part.href] : []))
      for (const href of hrefs) expect(href).toMatch(/^https?:\/\//)
    }),
  )
})
