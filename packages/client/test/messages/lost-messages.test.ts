import { beforeEach, expect, test } from 'vitest'
import { encodeBody, MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { haveMet, localRoom } from '../support.ts'
import { KeyedRoom, type Member, kindOf } from '../keys/keyed-room.ts'

let room: KeyedRoom

beforeEach(() => {
  room = new KeyedRoom()
})

/** The losses that a session is told of, in their order. */
function toldTo({ messages }: Member): { readonly by: string; readonly count: number }[] {
  const told: { readonly by: string; readonly count: number }[] = []
  messages.on('messagesLost', ({ participant: by, count }) => told.push({ by, count }))
  return told
}

/** Says so much that the first so many messages leave the send log of those that nobody was given. */
async function sayTooMuch({ say }: Member, lost: number): Promise<void> {
  for (let n = 0; n < 1024 + lost; n += 1) await say(String(n))
}

test('[R9, R223] a session that returns too late skips messages, and their sender learns how many', async () => {
  const [alice, bob, carol] = await room.meet(3)
  const told = toldTo(alice)
  await alice.say('with the key')
  bob.transport.lose()
  await sayTooMuch(alice, 8)
  expect(told).toEqual([])
  room.hub.connect(bob.transport)
  await room.pass(2000)
  expect(bob.heard).toEqual(['with the key', ...Array.from({ length: 1024 }, (_, n) => `${n + 8}`)])
  expect(bob.dropped['lost']).toBe(8)
  expect(told).toEqual([{ by: bob.self, count: 8 }])
  expect(carol.heard).toHaveLength(1033)
  bob.transport.lose()
  await sayTooMuch(alice, 3)
  room.hub.connect(bob.transport)
  await room.pass(2000)
  expect(told.slice(1)).toEqual([{ by: bob.self, count: 3 }])
  // Everybody has confirmed all, and nobody asks further.
  await room.pass(10_000)
  const asked = room.hub.seen.length
  await room.pass(10_000)
  expect(room.hub.seen.length).toBe(asked)
})

test('[R223] a sender learns of lost messages although the first hellos that say so get lost', async () => {
  const [alice, bob] = await room.meet(2)
  const told = toldTo(alice)
  await alice.say('with the key')
  bob.transport.lose()
  await sayTooMuch(alice, 5)
  room.hub.connect(bob.transport)
  // His question has come, and every answer to hers is lost for a while.
  room.hub.queue.splice(0).forEach((delivery) => room.hub.invent(delivery))
  let dropped = 0
  room.isLost = (delivery) => {
    const isHello = delivery.from === bob.self && kindOf(delivery) === MESSAGE_KINDS.hello
    if (isHello) dropped += 1
    return isHello
  }
  await room.pass(4000)
  expect(dropped).toBeGreaterThan(2)
  expect(bob.dropped['lost']).toBe(5)
  expect(told).toEqual([])
  room.isLost = () => false
  await room.pass(2000)
  expect(told).toEqual([{ by: bob.self, count: 5 }])
})

test('[R223] messages from after a participant left are not lost, but not given to it', async () => {
  const [alice, bob] = await room.meet(2)
  const told = toldTo(alice)
  await alice.say('with the key')
  bob.transport.lose()
  await room.pass(91_000)
  await sayTooMuch(alice, 5)
  room.hub.connect(bob.transport)
  await room.pass(2000)
  expect(bob.dropped['lost']).toBeUndefined()
  expect(bob.dropped['missed']).toBe(1029)
  expect(told).toEqual([])
})

test('[R223] a member cannot claim to have lost more than was said', async () => {
  const [alice, mallory] = await room.meet(2)
  const told = toldTo(alice)
  await alice.say('one of two')
  await alice.say('two of two')
  for (const lost of [2 ** 48, 0, 2 ** 47]) {
    const direct = Number(mallory.sealer.next(alice.self))
    const positions = { room: 0, direct: 0 }
    const hello = {
      ...{ reply: false, next: { room: 0, direct }, oldest: positions, first: positions },
      ...{ missed: [], received: { room: 0, direct: 0, hello: null, key: null, lost } },
      info: { name: 'Mallory', published: {} },
    }
    await mallory.messages.send(alice.self, MESSAGE_KINDS.hello, encodeBody(hello))
    await room.flush()
  }
  expect(told).toEqual([{ by: mallory.self, count: 2 }])
})

test('[R5, R31, R223] of 3,000 messages that are written while a member is away each comes once, is refused or is told as lost', async () => {
  const place = await localRoom()
  const transports: ReturnType<typeof place.hub.transport>[] = []
  const transport = (self: Parameters<typeof place.hub.transport>[0]) => {
    const made = place.hub.transport(self)
    transports.push(made)
    return made
  }
  const alice = await place.join('Alice')
  const bob = await place.join('Bob', { transport })
  await haveMet([alice, bob])
  for (const each of [alice, bob]) {
    await expect.poll(() => each.snapshot.code.state, { timeout: 10_000 }).toBe('ready')
  }
  const lost: { readonly name: string; readonly count: number }[] = []
  alice.on('messagesLost', ({ participant: { name }, count }) => lost.push({ name, count }))
  transports[0]?.lose()
  await expect.poll(() => [...alice.participants.values()][0]?.presence).toBe('away')
  let refused = 0
  const texts = Array.from({ length: 3000 }, (_, n) => `message ${n}`)
  const send = (text: string): Promise<unknown> =>
    alice.chat.send(text).catch(() => {
      refused += 1
    })
  await Promise.all(texts.map(send))
  await expect.poll(() => alice.chat.messages.every(({ state }) => state === 'sent')).toBe(true)
  place.hub.restart(transports)
  await expect.poll(() => lost, { timeout: 20_000 }).toHaveLength(1)
  const [{ name, count } = { name: '', count: 0 }] = lost
  expect(name).toBe('Bob')
  const kept = alice.chat.messages.map(({ text }) => text).slice(count)
  await expect.poll(() => bob.chat.messages.length, { timeout: 20_000 }).toBe(kept.length)
  expect(bob.chat.messages.map(({ text }) => text)).toEqual(kept)
  expect(kept.length + count + refused).toBe(3000)
  await place.leave()
}, 60_000)
