import { expect, test } from 'vitest'
import { KeyedRoom } from './keyed-room.ts'

test('[R59] a member that is not given the new root is out, and comes in by the old one no more', async () => {
  const room = new KeyedRoom()
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('to all')
  const next = new Uint8Array(32).fill(9)
  for (const { keys } of [alice, bob]) keys.setKey(Uint8Array.from(next), 1n)
  await room.pass(9_900)
  expect(alice.roster).toEqual([bob.self, carol.self])
  await room.pass(5_200)
  expect([alice.roster, bob.roster]).toEqual([[bob.self], [alice.self]])
  await carol.say('here')
  await alice.say('without Carol')
  carol.transport.close()
  const again = await room.join()
  await room.pass(3000)
  await again.say('here again')
  expect([alice.roster, bob.roster]).toEqual([[bob.self], [alice.self]])
  expect([alice.heard, bob.heard]).toEqual([[], ['to all', 'without Carol']])
  expect([carol.heard, again.heard]).toEqual([['to all'], []])
})
