import {
  checkInteger,
  checkMethods,
  checkObject,
  checkString,
  checkText,
  describeType,
} from '@conclave/base'
import { expect, test } from 'vitest'

test('a type is described without the value', () => {
  expect([null, undefined, 7, 'secret', {}, [], () => {}].map(describeType)).toEqual([
    ...['null', 'type=undefined', 'type=number', 'type=string'],
    ...['type=object', 'type=object', 'type=function'],
  ])
})

test('strings may be empty, and String objects are refused', () => {
  for (const value of ['', 'text', '\ud800']) expect(() => checkString('name', value)).not.toThrow()
  for (const value of [undefined, null, 7, {}, Object('text')]) {
    expect(() => checkString('name', value)).toThrow(TypeError)
  }
  expect(() => checkString('name', 7)).toThrow('"name" expected string, got type=number')
})

test('text is counted in bytes of UTF-8', () => {
  const bounds = { min: 1, max: 4 }
  expect(checkText('room', 'abcd', bounds)).toBe('abcd')
  expect(checkText('room', 'éé', bounds)).toBe('\u00c3\u00a9\u00c3\u00a9')
  expect(checkText('room', '', { min: 0, max: 0 })).toBe('')
  for (const text of ['', 'abcde', 'ééé', '\ud800', 'a'.repeat(1_000_000)]) {
    expect(() => checkText('room', text, bounds)).toThrow(RangeError)
    expect(() => checkText('room', text, bounds)).toThrow(
      '"room" expected 1 to 4 bytes of well-formed text',
    )
  }
  for (const value of [undefined, null, 7, {}, Object('text')]) {
    expect(() => checkText('room', value, bounds)).toThrow(TypeError)
  }
  expect(() => checkText('room', null, bounds)).toThrow('"room" expected string, got null')
})

test('objects are not null', () => {
  for (const value of [{}, [], new Map()]) expect(() => checkObject('options', value)).not.toThrow()
  for (const value of [undefined, null, 7, 'text', () => {}]) {
    expect(() => checkObject('options', value)).toThrow(TypeError)
  }
  expect(() => checkObject('options', 7)).toThrow('"options" expected an object, got type=number')
})

test('methods may be inherited, and all of them must be there', () => {
  class Storage {
    read(): void {}
    write(): void {}
  }
  const functionWithMethods = Object.assign(() => {}, { read: () => {}, write: () => {} })
  for (const value of [new Storage(), functionWithMethods]) {
    expect(() => checkMethods('storage', value, 'read', 'write')).not.toThrow()
  }
  for (const value of [undefined, null, 7, {}, { read: () => {} }, { read: 1, write: 2 }]) {
    expect(() => checkMethods('storage', value, 'read', 'write')).toThrow(TypeError)
  }
  expect(() => checkMethods('storage', null, 'read', 'write')).toThrow(
    '"storage" expected an object with read and write, got null',
  )
})

test('integers have both bounds', () => {
  const bounds = { min: -1, max: 3 }
  for (const value of [-1, 0, 3]) expect(checkInteger('size', value, bounds)).toBe(value)
  for (const value of [-2, 4, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => checkInteger('size', value, bounds)).toThrow(RangeError)
  }
  for (const value of [undefined, null, '1', 1n]) {
    expect(() => checkInteger('size', value, bounds)).toThrow(TypeError)
  }
  expect(() => checkInteger('size', 4, bounds)).toThrow(
    '"size" expected an integer from -1 to 3, got 4',
  )
})
