import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NameBook, cleanName } from '../src/state/names.ts'

const book = (): NameBook => new NameBook({ guest: 'Guest', reserved: ['You'] })

test.each([
  ['Alice Lovelace', 'Alice Lovelace'],
  ['  Alice \n\t Lovelace ', 'Alice Lovelace'],
  ['Alice\u00A0Lovelace', 'Alice Lovelace'],
  ['\u202Egnp.exe', 'gnp.exe'],
  ['Alice\u2066\u200E\u061C', 'Alice'],
  ['A\u200Bl\u200C\u200D\u00ADice\uFEFF', 'Alice'],
  ['\u200B\u2060\u3164\u2800', ''],
  ['\u0301', ''],
  ['A\u0000lice\u0007', 'Alice'],
  ['\uE000\uD800', ''],
  ['Zoe\u0308', 'Zo\u00EB'],
  ['a' + '\u0323'.repeat(30), '\u1EA1' + '\u0323'.repeat(3)],
  // Emoji sequences and joining scripts need their joiners.
  ['👩‍🚀 Mae', '👩‍🚀 Mae'],
  ['❤️‍🔥', '❤️‍🔥'],
  ['می‌خواهم', 'می‌خواهم'],
  ['עדה', 'עדה'],
  ['李 小龙', '李 小龙'],
])('%j is shown as %j', (name, shown) => {
  expect(cleanName(name)).toBe(shown)
})

test('no name keeps a character that is invisible, changes direction or breaks the line', () => {
  const tricks = fc.constantFrom(
    ...[
      '\u202E',
      '\u2067',
      '\u200B',
      '\u200D',
      '\u2028',
      '\u0085',
      '\u00AD',
      '\u{E0041}',
      'a',
      ' ',
    ],
  )
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: tricks }))
  fc.assert(
    fc.property(text, (name) => {
      const clean = cleanName(name)
      expect(clean).not.toMatch(/[\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\p{Cc}\p{Zl}\p{Zp}]/u)
      expect(clean).toBe(clean.trim())
      expect(cleanName(clean)).toBe(clean)
    }),
  )
})

test('people with one name get numbers, which they keep when another one leaves', () => {
  const names = book()
  expect(['a', 'b', 'c'].map((id) => names.nameOf(id, 'Alice'))).toEqual([
    'Alice',
    'Alice 2',
    'Alice 3',
  ])
  expect(names.nameOf('c', 'Alice')).toBe('Alice 3')
  expect(names.nameOf('d', '')).toBe('Guest')
  expect(names.nameOf('e', '\u200B')).toBe('Guest 2')
})

test('a person who left gives the name free, so that a reload is not a double', () => {
  const names = book()
  names.follow(new Set(['a', 'b']))
  expect(names.nameOf('a', 'Alice')).toBe('Alice')
  expect(names.nameOf('b', 'Bob')).toBe('Bob')
  names.follow(new Set(['a']))
  expect(names.nameOf('b', 'Bob')).toBe('Bob')
  names.follow(new Set(['a', 'c']))
  expect(names.nameOf('c', 'Bob')).toBe('Bob')
  names.follow(new Set(['a', 'c', 'b']))
  expect(names.nameOf('b', 'Bob')).toBe('Bob 2')
  expect(names.nameOf('c', 'Bob')).toBe('Bob')
})

test('a call that thousands of people enter and leave remembers a bounded number of them', () => {
  const names = book()
  names.follow(new Set(['a']))
  names.nameOf('a', 'Alice')
  for (let round = 0; round < 3000; round += 1) {
    names.follow(new Set(['a', `b${round}`]))
    expect(names.nameOf(`b${round}`, 'Bob')).toBe('Bob')
    expect(names.nameOf('a', 'Alice')).toBe('Alice')
  }
  expect(names.size).toBeLessThan(1100)
})

test.each(['ALICE', 'Ａｌｉｃｅ', ' alice', 'A\u200Dlice'])(
  '%j is no other name than Alice',
  (name) => {
    const names = book()
    names.nameOf('a', 'Alice')
    expect(names.nameOf('b', name)).toMatch(/ 2$/)
  },
)

test('a number that somebody chose as the name is taken, too, and so are the words of the app', () => {
  const names = book()
  expect(names.nameOf('a', 'Alice 2')).toBe('Alice 2')
  expect(names.nameOf('b', 'Alice')).toBe('Alice')
  expect(names.nameOf('c', 'Alice')).toBe('Alice 3')
  expect(names.nameOf('d', 'you')).toBe('you 2')
})

test('a person who changes the name and back is the same, and takes no name from others', () => {
  const names = book()
  names.nameOf('a', 'Alice')
  for (let round = 0; round < 2000; round += 1) {
    names.nameOf('b', `b${round}`)
    expect(names.nameOf('a', 'Alice')).toBe('Alice')
  }
  expect(names.nameOf('b', 'Alice')).toBe('Alice 2')
  expect(names.nameOf('a', 'Lovelace')).toBe('Lovelace')
  expect(names.nameOf('a', 'Alice')).toBe('Alice')
})

test('no two people look the same, whatever they call themselves', () => {
  const name = fc.constantFrom(
    'Alice',
    'alice',
    'Alice 2',
    'Alice 2 2',
    '',
    'Guest',
    'You',
    'You 2',
  )
  fc.assert(
    fc.property(fc.array(name, { maxLength: 12 }), (given) => {
      const names = book()
      const shown = given.map((each, index) => names.nameOf(`${index}`, each).toLowerCase())
      expect(new Set([...shown, 'you']).size).toBe(given.length + 1)
    }),
  )
})

test('a name of somebody who is not here is not taken from those who come', () => {
  const names = new NameBook({ guest: 'Guest', reserved: ['You'] })
  names.follow(new Set())
  expect(names.nameOfAbsent('before', 'alice')).toBe('alice')
  names.follow(new Set(['now']))
  expect(names.nameOf('now', 'alice')).toBe('alice')
  expect(names.nameOfAbsent('another before', 'alice')).toBe('alice 2')
})
