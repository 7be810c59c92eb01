import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChatMessage, Room } from '../../src/index.ts'
import type { Outgoing } from '../../src/transport.ts'
import { localRoom } from '../support.ts'

let place: Awaited<ReturnType<typeof localRoom>>

beforeEach(async () => {
  place = await localRoom()
})

afterEach(() => place.leave())

test('[R16] a message is sent however soon the hub acknowledges it', async () => {
  const alice = await place.join('Alice')
  const states: string[] = []
  alice.on('chat', ({ message }) => states.push(`${message.text}: ${message.state}`))
  await alice.chat.send('one')
  await alice.chat.send('two')
  await expect.poll(() => states.length).toBe(4)
  expect(states.toSorted()).toEqual(['one: sending', 'one: sent', 'two: sending', 'two: sent'])
  expect(alice.chat.messages.map(({ state }) => state)).toEqual(['sent', 'sent'])
})

/** A transport refuses before a message is sealed or, if it must, after that; then its place in the stream stays empty. */
const refusals: readonly ['canPublish' | 'publish', number | undefined][] = [
  ['canPublish', undefined],
  ['publish', 1],
]

test.each(refusals)(
  '[R5, R16] a message that `%s` refuses fails, and its caller is told',
  async (method, lost) => {
    const { alice, bob, refuse } = await roomThatRefuses(method)
    const events: ChatMessage[] = []
    alice.on('chat', ({ message }) => events.push(message))
    refuse(true)
    await expect(alice.chat.send('lost')).rejects.toMatchObject({ code: 'ERR_CLIENT_OVERFLOW' })
    expect(events.map(({ state }) => state)).toEqual(['sending', 'failed'])
    expect(alice.chat.messages).toEqual([])
    refuse(false)
    await alice.chat.send('found')
    await expect.poll(() => bob.chat.messages.map(({ text }) => text)).toEqual(['found'])
    expect((await bob.stats()).dropped['lost']).toBe(lost)
  },
)

test('[R16] after the end a message is refused', async () => {
  const alice = await place.join('Alice')
  await alice.leave()
  await expect(alice.chat.send('late')).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
  expect(alice.chat.messages).toEqual([])
})

async function roomThatRefuses(method: 'canPublish' | 'publish'): Promise<{
  readonly alice: Room
  readonly bob: Room
  refuse(now: boolean): void
}> {
  let isFull = false
  const alice = await place.join('Alice', {
    transport(self) {
      const transport = place.hub.transport(self)
      const accept: (message: Outgoing) => boolean = transport[method].bind(transport)
      transport[method] = (message?: unknown) => !isFull && accept(message as Outgoing)
      return transport
    },
  })
  const bob = await place.join('Bob')
  await expect.poll(() => alice.participants.size).toBe(1)
  await expect.poll(() => bob.participants.size).toBe(1)
  return {
    alice,
    bob,
    refuse: (now) => {
      isFull = now
    },
  }
}
