import { afterEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { MissedList } from '../../src/room/missed-messages.ts'
import { type GovernedRoom, governedRoom, messagesOf, namesIn } from '../admission/governed-room.ts'

let stand: GovernedRoom

afterEach(() => stand?.leave())

const texts = (room: Room): readonly string[] => room.chat.messages.map(({ text }) => text)

/** Says something; a change of the key may have to wait. */
async function say(room: Room, text: string): Promise<void> {
  let isSaid = false
  const saying = room.chat.send(text).then(() => {
    isSaid = true
  })
  await stand.until(() => isSaid)
  await saying
}

/** Bob's connection is lost for longer than others wait for him. */
async function loseForLong(bob: Room, alice: Room, meanwhile: () => Promise<void>): Promise<void> {
  const transport = stand.transports.get(bob.self.id)
  if (transport === undefined) throw new Error('expected a transport')
  const settle = async (): Promise<void> => {
    await stand.pass(2)
    for (const room of [alice, bob]) await messagesOf(room).settled()
  }
  await settle()
  transport.lose()
  await settle()
  while (alice.participants.get(bob.self.id)?.presence !== 'away') {
    // A hello that was still on its way brought him back.
    stand.hub.connect(transport)
    await settle()
    transport.lose()
    await settle()
  }
  stand.clock.advance(90_000)
  await stand.until(() => namesIn(alice).length === 0)
  await meanwhile()
  stand.hub.connect(transport)
  await stand.until(() => namesIn(alice).length === 1)
}

test('[R99] a session that returns sees how many messages it missed, and after which one', async () => {
  stand = await governedRoom()
  const [alice, bob] = [await stand.join('Alice'), await stand.join('Bob')]
  await stand.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
  await say(alice, 'before')
  await stand.until(() => texts(bob).length === 1)
  expect(bob.snapshot.missed).toEqual([])
  let snapshots = 0
  bob.subscribe(() => {
    snapshots += 1
  })
  await loseForLong(bob, alice, async () => {
    await say(alice, 'missed')
    alice.setName('Alice, too')
    await say(alice, 'missed, too')
  })
  await say(alice, 'after')
  await stand.until(() => texts(bob).length === 2)
  const { missed } = bob.snapshot
  expect(missed).toEqual([{ after: bob.chat.messages[0]?.id, count: 2 }])
  expect(snapshots).toBeGreaterThan(0)
  await loseForLong(bob, alice, () => say(alice, 'missed again'))
  await stand.until(() => bob.snapshot.missed.length === 2)
  expect(bob.snapshot.missed[0]).toEqual(missed[0])
  expect(bob.snapshot.missed[1]).toEqual({ after: bob.chat.messages[1]?.id, count: 1 })
})

test('[R99] nobody who missed no message of the chat is told of any', async () => {
  stand = await governedRoom()
  const [alice, bob] = [await stand.join('Alice'), await stand.join('Bob')]
  await stand.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
  await loseForLong(bob, alice, async () => alice.setName('Alice, too'))
  await say(alice, 'after')
  await stand.until(() => texts(bob).length === 1)
  expect(bob.snapshot.missed).toEqual([])
})

const at = (newest: string | undefined) => ({ newest, isAsking: false })

const range = (chat: number) => ({ participant: 'bob' as never, from: 0, to: chat, chat })

test('[R99] messages that all missed in one absence are one entry, and the newest 16 are kept', () => {
  let now = 0
  const list = new MissedList(() => now)
  list.lost('m0')
  list.back()
  list.add(range(1), at('m1'))
  list.add(range(2), at('m2'))
  expect(list.list).toEqual([{ after: 'm0', count: 3 }])
  for (let n = 1; n <= 20; n += 1) {
    list.lost(`n${n}`)
    list.back()
    list.add(range(n), at(undefined))
  }
  expect(list.list).toHaveLength(16)
  expect(list.list.at(-1)).toEqual({ after: 'n20', count: 20 })
  // Others had lost this session, and it did not notice.
  now += 31_000
  list.add(range(5), at('m9'))
  expect(list.list.at(-1)).toEqual({ after: 'm9', count: 5 })
})
