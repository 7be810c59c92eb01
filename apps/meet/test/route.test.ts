import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPasted, routeOf } from '../src/state/route.ts'

const origin = 'https://meet.test'
const base = `${origin}/`
const room = 'x7Xv-1_kQ0mB3nYp5rTz2A'
const secret = 'q9_-Zr4vT1yUe8iWo7pA6sDf5gHj3kLz2xCv0bNm1QErT5yU8iO2pAs4dF6gH7jK'
const path = `/r/${room}#${secret}`
const link = origin + path

test.each([
  ['https://meet.test/', 'start'],
  ['https://meet.test/index.html', 'start'],
  ['https://meet.test/r/abc#secret', 'room'],
  ['https://meet.test/r/', 'room'],
  ['https://meet.test/rooms', 'nowhere'],
  ['https://meet.test/foo#bar', 'nowhere'],
  ['not an address', 'nowhere'],
])('%s is %s', (href, type) => {
  expect(routeOf(href, base).type).toBe(type)
})

test.each([
  ['https://meet.test/a/', 'start'],
  ['https://meet.test/a/index.html?x', 'start'],
  [`https://meet.test/a${path}`, 'room'],
  [`https://meet.test/a/r/${room}%23${secret}`, 'burnt'],
  ['https://meet.test/', 'nowhere'],
  [`https://meet.test${path}`, 'nowhere'],
  [`https://meet.test/b${path}`, 'nowhere'],
  ['https://meet.test/a/a/', 'nowhere'],
])('below a path, %s is %s', (href, type) => {
  expect(routeOf(href, 'https://meet.test/a/').type).toBe(type)
})

test('below a path, links are repaired and found in texts', () => {
  const below = 'https://meet.test/a.b/'
  const whole = `${below}r/${room}#${secret}`
  expect(routeOf(`${whole}).`, below)).toEqual({ type: 'room', link: whole })
  for (const text of [`Join: ${whole}, at nine`, `meet.test/a.b${path}`, `/a.b${path}`]) {
    expect(readPasted(text, below)).toEqual({ type: 'path', path: `/a.b${path}` })
  }
  for (const text of [link, `https://meet.test/aXb${path}`]) {
    expect(readPasted(text, below)).toEqual({ type: 'none' })
  }
})

test('a room keeps its whole link', () => {
  for (const href of [link, 'https://meet.test/r/abc#secret']) {
    expect(routeOf(href, base)).toEqual({ type: 'room', link: href })
  }
})

test.each(['.', ')', '>', '%3E', ',', '…', '"', '%22', '!)', "'", '*', '%20Thanks'])(
  'a link with %j behind it is the link',
  (behind) => {
    expect(routeOf(link + behind, base)).toEqual({ type: 'room', link })
  },
)

test.each([`${origin}/r/${room}/#${secret}`, `${origin}/r/${room}?utm_source=mail#${secret}`])(
  '%s is the link',
  (href) => {
    expect(routeOf(href, base)).toEqual({ type: 'room', link })
  },
)

test.each([`${link}x`, link.slice(0, -1), `${origin}/r/${room}x#${secret}`])(
  '%s is not repaired: nobody knows which characters are too much or missing',
  (href) => {
    expect(routeOf(href, base)).toEqual({ type: 'room', link: href })
  },
)

test.each([
  `${origin}/r/${room}%23${secret}`,
  `${origin}/r/${room}/%23${secret}`,
  `${origin}/r/${room}?a=%23${secret}`,
])('%s has given the secret to the server', (href) => {
  expect(routeOf(href, base)).toEqual({ type: 'burnt' })
})

test.each([
  ['https://meet.test/r/abc#secret', '/r/abc#secret'],
  ['  https://meet.test/r/abc\n#sec ret ', '/r/abc#secret'],
  ['/r/abc#secret', '/r/abc#secret'],
  ['https://meet.test/r/abc', '/r/abc'],
])('pasted %j is %j', (text, expected) => {
  expect(readPasted(text, base)).toEqual({ type: 'path', path: expected })
})

test.each([
  'https://elsewhere.test/r/abc#secret',
  'https://evil-meet.test/r/abc#secret',
  'https://meet.test.evil.test/r/abc#secret',
  'https://elsewhere.test/?to=meet.test/about',
  'https://user@meet.test.evil/r/abc',
  'https://meet.test/about',
  'hello',
  '',
])('pasted %j is no link of this site', (text) => {
  expect(readPasted(text, base)).toEqual({ type: 'none' })
})

test.each([
  `<${link}>`,
  `Join: ${link}`,
  `Join:${link}.`,
  link.replace('https://', ''),
  `See you there (${link}), Alice`,
  `Link: ${link}\nThanks, Alice`,
  `"${link}"`,
  `[the call](${link})`,
  `> ${link.slice(0, 40)}\r\n> ${link.slice(40)}`,
  `${link.slice(0, 30)}\n${link.slice(30, 60)}\n   ${link.slice(60)}\n-- \nAda`,
  `\u2066${link}\u2069`,
  `HTTPS://MEET.TEST${path}`,
])('pasted %j opens the room', (text) => {
  expect(readPasted(text, base)).toEqual({ type: 'path', path })
})

test('a link survives any line break and any words around it', () => {
  const words = fc.constantFrom('', 'Join: ', 'Hello,\n', '<', '(', '"', 'see\t')
  const behind = fc.constantFrom('', '.', '>', ')', ' Alice', '\nsee you', '!"', ', bye')
  const at = fc.integer({ min: origin.length + 3, max: link.length - 1 })
  fc.assert(
    fc.property(words, behind, at, fc.constantFrom('\n', '\r\n', ' ', '\n> '), (a, b, cut, gap) => {
      const text = a + link.slice(0, cut) + gap + link.slice(cut) + b
      expect(readPasted(text, base)).toEqual({ type: 'path', path })
    }),
  )
})

test.each([
  `${origin}/r/${room}%23${secret}`,
  `Join: ${origin}/r/${room}%23${secret}.`,
  `meet.test/r/${room}\n%23${secret}`,
])('pasted %j is burnt', (text) => {
  expect(readPasted(text, base)).toEqual({ type: 'burnt' })
})
