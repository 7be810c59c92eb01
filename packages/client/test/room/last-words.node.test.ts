import { afterEach, expect, test } from 'vitest'
import type { ChatMessage, Room } from '../../src/index.ts'
import { type GovernedRoom, governedRoom, messagesOf, namesIn } from '../admission/governed-room.ts'

let stand: GovernedRoom

afterEach(() => stand.leave())

const texts = (room: Room): readonly string[] => room.chat.messages.map(({ text }) => text)

/** Alice and bob. Alice's key has changed a moment ago, and is to change again: somebody else has left. */
async function change(): Promise<readonly [Room, Room]> {
  stand = await governedRoom()
  const [alice, bob] = [await stand.join('Alice'), await stand.join('Bob')]
  const others = [await stand.join('Carol'), await stand.join('Dave')]
  await stand.until(() => namesIn(alice).length === 3 && namesIn(bob).length === 3)
  await stand.pass(3)
  await alice.chat.send('one')
  await stand.pass(2)
  const [carol, dave] = others.map(({ self }) => stand.transports.get(self.id))
  carol?.close()
  await alice.chat.send('two')
  dave?.close()
  return [alice, bob]
}

const statesOf = (room: Room): string[] => {
  const states: string[] = []
  room.on('chat', ({ message: { text, state } }: { readonly message: ChatMessage }) =>
    states.push(`${text} ${state}`),
  )
  return states
}

test('[R103] a message that waits for a change of key is said before its session leaves', async () => {
  const [alice, bob] = await change()
  const states = statesOf(alice)
  const sending = alice.chat.send('goodbye')
  await messagesOf(alice).settled()
  expect(states).toEqual(['goodbye sending'])
  const leaving = alice.leave()
  await stand.until(() => alice.state === 'left')
  await leaving
  await expect(sending).resolves.toMatchObject({ text: 'goodbye' })
  await stand.until(() => texts(bob).at(-1) === 'goodbye')
  expect(states).toEqual(['goodbye sending', 'goodbye sent'])
  await stand.until(() => namesIn(bob).length === 0)
})

test('[R103] nothing is waited for without a hub, and what waits has failed', async () => {
  const [alice] = await change()
  const states = statesOf(alice)
  stand.hub.kill()
  const sealed = alice.chat.send('waits for the hub')
  await alice.leave()
  await expect(sealed.then(() => 'taken').catch((error) => error.code)).resolves.toMatch(
    /taken|ERR_CLIENT_CLOSED/,
  )
  expect(states).toEqual(['waits for the hub sending', 'waits for the hub failed'])
  expect(texts(alice)).toEqual(['one', 'two'])
})

test('[R103] a hub that takes nothing over is waited for 2 s at most', async () => {
  const [alice] = await change()
  await stand.pass(3)
  const states = statesOf(alice)
  const transport = stand.transports.get(alice.self.id)
  if (transport === undefined) throw new Error('expected a transport')
  transport.publish = () => true
  await alice.chat.send('goodbye')
  const leaving = alice.leave()
  await stand.pass(1.9)
  expect(alice.state).toBe('connected')
  await stand.until(() => alice.state === 'left')
  await leaving
  expect(states).toEqual(['goodbye sending', 'goodbye failed'])
})

test('[R14, R103] a session that wrote nothing leaves at once', async () => {
  const [alice] = await change()
  const from = stand.clock.now()
  await alice.leave()
  expect(stand.clock.now()).toBe(from)
})
