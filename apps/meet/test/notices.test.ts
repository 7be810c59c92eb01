import { expect, test } from 'vitest'
import { Notices, MAX_NOTICES } from '../src/state/notices.ts'
import { SettlingClock } from './support/virtual-clock.ts'

test('a notice disappears by itself, a warning later', async () => {
  const clock = new SettlingClock()
  const notices = new Notices(clock)
  notices.show({ type: 'joined', name: 'Alice' })
  notices.show({ type: 'unverified-messages' })
  await clock.pass(5000)
  expect(notices.list.value.map(({ content }) => content.type)).toEqual(['unverified-messages'])
  await clock.pass(5000)
  expect(notices.list.value).toEqual([])
})

test('there are never more than a few, and no timer stays behind', () => {
  const clock = new SettlingClock()
  const notices = new Notices(clock)
  for (let index = 0; index < 50; index += 1) notices.show({ type: 'joined', name: `${index}` })
  expect(notices.list.value).toHaveLength(MAX_NOTICES)
  expect(clock.pending).toBe(MAX_NOTICES)
  notices.close()
  expect(clock.pending).toBe(0)
})
