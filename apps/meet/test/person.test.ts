import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hueOf, hueOfPerson, initialsOf } from '../src/state/person.ts'

test.each([
  ['Alice Lovelace', 'AL'],
  ['grace', 'G'],
  ['Chien-Shiung Wu', 'CW'],
  ['Maria de la Cruz', 'MC'],
  ['عائشة', 'ع'],
  ['李 小龙', '李小'],
  ['  Bo  ', 'B'],
  ['"Alice"', 'A'],
  ['🦊', '🦊'],
  ['', '?'],
  ['   ', '?'],
])('initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials)
})

test('any name has initials, and any id has a hue', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(initialsOf(text).length).toBeGreaterThan(0)
      const hue = hueOf(text)
      expect(hue).toBeGreaterThanOrEqual(0)
      expect(hue).toBeLessThan(360)
      expect(hueOf(text)).toBe(hue)
    }),
  )
})

test('all sessions of a person have one hue', () => {
  const hues = ['a', 'b', 'c'].map((id) => hueOfPerson({ id, person: 'person' }))
  expect(new Set(hues)).toEqual(new Set([hueOf('person')]))
  expect(hueOfPerson({ id: 'a', person: undefined })).toBe(hueOf('a'))
})
