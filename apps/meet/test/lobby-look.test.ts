import { expect, test } from 'vitest'
import { Entry } from '../src/state/entry.ts'
import { strings } from '../src/ui/strings.ts'
import { TestContext } from './support/context.ts'

test('the lobby shows who is in the call, until somebody joins', async () => {
  const test_ = new TestContext()
  const entry = new Entry(test_.href, test_.context)
  await entry.start()
  const [look] = test_.looks
  expect(entry.look.view.value.inside).toBeUndefined()
  look?.show({ entry: 'open', inside: { names: ['alice', 'bob'], count: 2 } })
  expect(entry.look.view.value).toEqual({
    entry: 'open',
    inside: { names: ['alice', 'bob'], count: 2 },
  })
  await entry.join()
  expect(look?.isClosed).toBe(true)
  expect(entry.look.view.value.inside).toBeUndefined()
  await entry.close()
  expect(test_.looks).toHaveLength(1)
})

test('back in the lobby, it looks again', async () => {
  const test_ = new TestContext()
  const { answer } = test_.holdJoins()
  const entry = new Entry(test_.href, test_.context)
  await entry.start()
  const joining = entry.join()
  await Promise.resolve()
  entry.cancel()
  answer()
  await joining
  expect(test_.looks.map(({ isClosed }) => isClosed)).toEqual([true, false])
  await entry.close()
  expect(test_.looks.every(({ isClosed }) => isClosed)).toBe(true)
})

test('names from the lobby are cleaned as all foreign names', async () => {
  const test_ = new TestContext()
  const entry = new Entry(test_.href, test_.context)
  await entry.start()
  test_.looks[0]?.show({ entry: 'open', inside: { names: ['a\u202Elice\n', '\u200B'], count: 2 } })
  expect(entry.look.view.value.inside).toEqual({ names: ['alice'], count: 2 })
  await entry.close()
})

test.each([
  [['alice'], 1, 'alice is here'],
  [['alice', 'bob'], 2, 'alice and bob are here'],
  [['alice', 'bob', 'carol', 'dave'], 4, 'alice, bob, carol, and dave are here'],
  [['a', 'b', 'c', 'd', 'e'], 5, 'a, b, c, and 2 others are here'],
  [['alice'], 2, 'alice and one more person are here'],
  [['alice'], 9, 'alice and 8 others are here'],
  [[], 1, 'One person is here'],
  [[], 3, '3 people are here'],
])('%j of %i: %s', (names, count, text) => {
  expect(strings.lobby.inside(names, count)).toBe(text)
})
