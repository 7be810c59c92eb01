import { transactRecord } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { afterEach, expect, test } from 'vitest'

const factory = indexedDB
let count = 0
const placeOf = (key = 'a') => ({ factory, database: `records ${count}`, store: 'things', key })
afterEach(() => {
  factory.deleteDatabase(placeOf().database)
  count += 1
})

const add = (): Promise<number> =>
  transactRecord(placeOf(), 'readwrite', (store, record) => {
    const next = (typeof record === 'number' ? record : 0) + 1
    store.put(next, placeOf().key)
    return next
  })

test('changes of a record that happen at the same time all count', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, add))
  expect(results.toSorted((one, other) => one - other)).toEqual(results.map((_, at) => at + 1))
  expect(await transactRecord(placeOf(), 'readonly', (_, record) => record)).toBe(20)
  expect(await transactRecord(placeOf('b'), 'readonly', (_, record) => record)).toBeUndefined()
})

test('a change that throws changes nothing, and its error comes out', async () => {
  await add()
  const failing = transactRecord(placeOf(), 'readwrite', (store) => {
    store.put(7, placeOf().key)
    throw new RangeError('no')
  })
  await expect(failing).rejects.toThrow('no')
  const unclonable = transactRecord(placeOf(), 'readwrite', (store) => {
    store.put(() => {}, placeOf().key)
  })
  await expect(unclonable).rejects.toMatchObject({ name: 'DataCloneError' })
  expect(await transactRecord(placeOf(), 'readonly', (_, record) => record)).toBe(1)
})

test('a request that fails ends its change with the browser’s reason', async () => {
  await add()
  const doubled = transactRecord(placeOf(), 'readwrite', (store) => {
    store.put(7, placeOf('b').key)
    store.add(7, placeOf().key)
  })
  await expect(doubled).rejects.toMatchObject({ name: 'ConstraintError' })
  expect(await transactRecord(placeOf('b'), 'readonly', (_, record) => record)).toBeUndefined()
})

test('[R158] a database that waits behind a deletion which another page blocks is given up after 3 s, and opens when the page is gone', async () => {
  await add()
  const { database } = placeOf()
  const opening = factory.open(database)
  await new Promise((resolve) => opening.addEventListener('success', resolve))
  const deletion = factory.deleteDatabase(database)
  await new Promise((resolve) => deletion.addEventListener('blocked', resolve))
  const clock = new VirtualClock()
  const waiting = transactRecord({ ...placeOf(), clock }, 'readonly', (_, record) => record)
  clock.advance(3000)
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
  opening.result.close()
  await new Promise((resolve) => deletion.addEventListener('success', resolve))
  // The connection that came late is closed: nothing blocks this deletion.
  expect(await add()).toBe(1)
  await new Promise((resolve, reject) => {
    const again = factory.deleteDatabase(database)
    again.addEventListener('success', resolve)
    again.addEventListener('blocked', reject)
  })
})
