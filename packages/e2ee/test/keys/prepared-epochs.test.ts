import { expect, test } from 'vitest'
import { openSession, rootOf } from '../fixtures.ts'
import { join } from '../parties.ts'

test('[K50] a shared source says whether members could have the key in advance', () => {
  const { keys } = openSession()
  const heard: unknown[] = []
  keys.on('epochChanged', (event) => heard.push(event))
  keys.setKey(rootOf(2), 1n)
  keys.addKey(rootOf(3), 2n)
  keys.use(2n)
  keys.addKey(rootOf(4), 3n)
  keys.use(3n, { atOnce: true })
  expect(heard).toEqual([
    { epoch: 1n, isPrepared: false },
    { epoch: 2n, isPrepared: true },
    { epoch: 3n, isPrepared: false },
  ])
})

test('[K50] a source of own keys says whether members could have the key in advance', async () => {
  const { keys } = join()
  const heard: unknown[] = []
  keys.on('epochChanged', ({ isPrepared }) => heard.push(isPrepared))
  await keys.ratchet()
  keys.rotate()
  keys.completeRotation()
  keys.prepareRotation()
  keys.completeRotation()
  keys.prepareRotation()
  keys.rotate()
  expect(heard).toEqual([undefined, undefined, undefined, true, undefined])
})
