import { BoundedMap } from '@conclave/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'

test('holds entries up to its size, and evicts the oldest for one more', () => {
  const map = new BoundedMap<string, number>(2)
  expect([map.set('a', 1), map.set('b', 2), map.size]).toEqual([map, map, 2])
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.has('c'), map.size]).toEqual([undefined, 2, true, 2])
})

test('setting an entry again makes it the newest; reading it does not', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 10)
  map.get('b')
  map.set('c', 3)
  expect([...map]).toEqual([
    ['a', 10],
    ['c', 3],
  ])
})

test('entries can be removed, one or all', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect([map.delete('a'), map.delete('a')]).toEqual([true, false])
  map.set('c', 3)
  map.clear()
  expect([map.size, [...map]]).toEqual([0, []])
})

test('a map of size 0 evicts each entry at once', () => {
  const map = new BoundedMap<string, number>(0)
  expect([map.set('a', 1), map.size]).toEqual([map, 0])
})

test('agrees with a list of the newest entries', () => {
  const step = fc.record({ type: fc.constantFrom('set', 'set', 'delete'), key: fc.nat(6) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step), (maxSize, steps) => {
      const map = new BoundedMap<number, number>(maxSize)
      let model: [number, number][] = []
      for (const [at, { type, key }] of steps.entries()) {
        const others = model.filter(([other]) => other !== key)
        const next: [number, number][] = type === 'set' ? [...others, [key, at]] : others
        const expected = type === 'set' ? map : others.length < model.length
        expect(type === 'set' ? map.set(key, at) : map.delete(key)).toBe(expected)
        model = next.slice(-maxSize)
      }
      expect([...map]).toEqual(model)
      expect(map.size).toBe(model.length)
    }),
  )
})
