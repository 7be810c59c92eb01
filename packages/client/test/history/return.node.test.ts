import { afterEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { encodePage } from '../../src/history/history-body.ts'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { HistoryStand } from './history-stand.ts'
import { type GovernedRoom, governedRoom, messagesOf, namesIn } from '../admission/governed-room.ts'

let stand: GovernedRoom

afterEach(() => stand?.leave())

const texts = (room: Room): readonly string[] => room.chat.messages.map(({ text }) => text)

async function say(room: Room, text: string): Promise<void> {
  let isSaid = false
  const saying = room.chat.send(text).then(() => {
    isSaid = true
  })
  await stand.until(() => isSaid)
  await saying
}

/** Alice, who owns the room and has set the rule `call`, and bob, who has heard her. */
async function talk(): Promise<readonly [Room, Room]> {
  stand = await governedRoom()
  const alice = await stand.joinAsOwner('Alice')
  await alice.authority.setHistory('call')
  const bob = await stand.join('Bob')
  await stand.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
  await stand.until(() => bob.snapshot.authority.history === 'call')
  // Bob has been told everything, or asks no more.
  await stand.pass(5)
  await say(alice, 'before')
  await stand.until(() => texts(bob).length === 1)
  await settle([alice, bob])
  return [alice, bob]
}

/** Lets everything that was said arrive, and be answered. */
async function settle(rooms: readonly Room[]): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await stand.pass(1)
    for (const room of rooms) await messagesOf(room).settled()
  }
}

/** Bob's connection is lost; resolves to how it comes back. */
async function lose([alice, bob]: readonly [Room, Room]): Promise<() => void> {
  const transport = stand.transports.get(bob.self.id)
  if (transport === undefined) throw new Error('expected a transport')
  transport.lose()
  await settle([alice, bob])
  const isAway = (): boolean => alice.participants.get(bob.self.id)?.presence === 'away'
  if (isAway()) return () => void stand.hub.connect(transport)
  // A hello that was still on its way brought him back.
  stand.hub.connect(transport)
  await settle([alice, bob])
  return lose([alice, bob])
}

test('[R100] a session that was away reads what it missed where it belongs, and by whom it was told', async () => {
  const [alice, bob] = await talk()
  const back = await lose([alice, bob])
  await stand.pass(30)
  await say(alice, 'owed')
  await stand.pass(61)
  await say(alice, 'missed')
  const carol = await stand.join('Carol')
  await stand.until(() => texts(carol).length === 3)
  await say(carol, 'missed, by somebody new')
  await say(alice, 'missed, too')
  const seen: number[] = []
  const told: string[] = []
  bob.subscribe(() => seen.push(bob.snapshot.missed.length))
  bob.on('historyTold', ({ messages }) => told.push(...messages.map(({ text }) => text)))
  back()
  await stand.until(() => namesIn(bob).length === 2)
  await say(alice, 'after')
  await stand.until(() => texts(bob).length === 6)
  expect(texts(bob)).toEqual([
    ...['before', 'owed', 'missed', 'missed, by somebody new', 'missed, too', 'after'],
  ])
  expect(told).toEqual(['missed', 'missed, by somebody new', 'missed, too'])
  for (const { text, toldBy } of bob.chat.messages) {
    expect(toldBy !== undefined, text).toBe(text.startsWith('missed'))
  }
  await stand.pass(5)
  // It was never told of messages that it then got.
  expect(Math.max(...seen)).toBe(0)
})

test('[R99, R100] messages that nobody can repeat are told as missed', async () => {
  const [alice, bob] = await talk()
  const back = await lose([alice, bob])
  await stand.pass(91)
  await say(alice, 'kept by nobody')
  await alice.authority.setHistory('none')
  await alice.authority.setHistory('call')
  await say(alice, 'missed')
  back()
  await stand.until(() => texts(bob).length === 2)
  expect(texts(bob)).toEqual(['before', 'missed'])
  await stand.until(() => bob.snapshot.missed.length === 1)
  expect(bob.snapshot.missed).toEqual([{ after: bob.chat.messages[0]?.id, count: 1 }])
})

test('[R100] under the rule `none` nobody is asked, and what was missed is told', async () => {
  const [alice, bob] = await talk()
  await alice.authority.setHistory('none')
  await stand.until(() => bob.snapshot.authority.history === 'none')
  const back = await lose([alice, bob])
  await stand.pass(91)
  await say(alice, 'missed')
  back()
  await stand.until(() => bob.snapshot.missed.length === 1)
  await stand.pass(5)
  expect(texts(bob)).toEqual(['before'])
})

test('[R100] a member that invents messages for what was missed is not believed', async () => {
  const [alice, bob] = await talk()
  const back = await lose([alice, bob])
  await stand.pass(91)
  await say(alice, 'missed')
  // Alice answers questions as mallory would: with a text that she did not sign.
  const messages = messagesOf(alice)
  const { send } = messages
  messages.send = async (to, kind, body) => {
    if (kind !== MESSAGE_KINDS.history) return send.call(messages, to, kind, body)
    const text = new TextDecoder().decode(body)
    const { number, authors } = JSON.parse(text)
    const signingKey = Uint8Array.from(
      atob(authors[0][0].replaceAll('-', '+').replaceAll('_', '/')),
      (c) => c.charCodeAt(0),
    )
    const forged = new Uint8Array(90).fill(1)
    const page = encodePage({
      ...{ type: 'page', number, more: false, complete: true },
      authors: [{ signingKey, name: 'Alice', person: undefined }],
      messages: [{ author: 0, sequence: 50, body: forged }],
    })
    return send.call(messages, to, kind, page)
  }
  back()
  await stand.until(() => bob.snapshot.missed.length === 1)
  expect(texts(bob)).toEqual(['before'])
  expect((await bob.stats()).dropped['not-authentic']).toBe(1)
})

test('[R100] members who name missed messages again and again have others asked four times, and then once in 30 s', async () => {
  const room = new HistoryStand()
  const [alice, bob] = [await room.join('alice'), await room.join('bob')]
  await alice.say('one')
  await room.pass(5000)
  const before = alice.received.length
  for (let second = 0; second < 60; second += 1) {
    bob.history.missed()
    await room.pass(1000)
  }
  expect(alice.received.length - before).toBe(5)
})
