import { expect, test } from 'vitest'
import { pastedPath, routeOf } from '../src/state/route.ts'

test.each([
  ['https://meet.test/', 'start'],
  ['https://meet.test/index.html', 'start'],
  ['https://meet.test/r/abc#secret', 'room'],
  ['https://meet.test/r/', 'room'],
  ['https://meet.test/rooms', 'nowhere'],
  ['not an address', 'nowhere'],
])('%s is %s', (href, type) => {
  expect(routeOf(href).type).toBe(type)
})

test('a room keeps its whole link', () => {
  const link = 'https://meet.test/r/abc#secret'
  expect(routeOf(link)).toEqual({ type: 'room', link })
})

test.each([
  ['https://meet.test/r/abc#secret', '/r/abc#secret'],
  ['  https://meet.test/r/abc\n#sec ret ', '/r/abc#secret'],
  ['/r/abc#secret', '/r/abc#secret'],
  ['https://elsewhere.test/r/abc#secret', undefined],
  ['https://meet.test/about', undefined],
  ['hello', undefined],
  ['', undefined],
])('pasted %j is %j', (text, path) => {
  expect(pastedPath(text, 'https://meet.test')).toBe(path)
})
