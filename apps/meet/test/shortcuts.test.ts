import { expect, test } from 'vitest'
import { type KeyPress, shortcutOf } from '../src/state/shortcuts.ts'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  isComposing: false,
  ...more,
})

test.each([
  ['m', 'microphone'],
  ['M', 'microphone'],
  ['v', 'camera'],
  ['c', 'chat'],
  ['x', undefined],
  ['Enter', undefined],
])('%s is %s', (key, shortcut) => {
  expect(shortcutOf(press(key), false)).toBe(shortcut)
})

test('keys typed into a field are text', () => {
  expect(shortcutOf(press('m'), true)).toBeUndefined()
})

test.each([
  { ctrlKey: true },
  { metaKey: true },
  { altKey: true },
  { repeat: true },
  { isComposing: true },
])('a key with %j is not a shortcut', (more) => {
  expect(shortcutOf(press('c', more), false)).toBeUndefined()
})
