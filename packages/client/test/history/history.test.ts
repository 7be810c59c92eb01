import { beforeEach, describe, expect, test, vi } from 'vitest'
import { decodeHistory, encodeQuestion } from '../../src/history/history-body.ts'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { HistoryStand, type Member } from './history-stand.ts'

let stand: HistoryStand

beforeEach(() => {
  stand = new HistoryStand()
})

/** Alice and bob, who have talked. */
async function talk(texts: readonly string[] = ['one', 'two', 'three', 'four']) {
  const [alice, bob] = [await stand.join('alice'), await stand.join('bob')]
  await stand.pass(1000)
  for (const [at, text] of texts.entries()) {
    await (at % 2 === 0 ? alice : bob).say(text)
    await stand.flush()
  }
  return [alice, bob] as const
}

describe('[R62] while the call lasts', () => {
  test('a newcomer is told by one member, in order, who said what before it came', async () => {
    const [alice, bob] = await talk()
    const before = stand.sent
    const carol = await stand.join('carol')
    await stand.pass(1000)
    expect(carol.shown()).toEqual(['one', 'two', 'three', 'four'])
    const { told } = carol.history
    expect(told.map(({ author }) => author.name)).toEqual(['alice', 'bob', 'alice', 'bob'])
    expect(told.map(({ author }) => author.id)).toEqual([
      alice.self,
      bob.self,
      alice.self,
      bob.self,
    ])
    const [teller, ...others] = new Set(told.map(({ toldBy }) => toldBy))
    expect([alice.self, bob.self]).toContain(teller)
    expect(others).toEqual([])
    expect(stand.sent - before).toBe(2)
    expect(carol.dropped).toEqual({})
  })

  test('messages that a newcomer also hears itself are there once', async () => {
    const [alice, bob] = await talk(['one'])
    const carol = await stand.join('carol')
    await alice.say('two')
    await stand.flush()
    await bob.say('three')
    await stand.pass(1000)
    await alice.say('four')
    await stand.pass(1000)
    expect(carol.shown()).toEqual(['one', 'two', 'three', 'four'])
  })

  test('a newcomer tells the next one, when those who said it have left', async () => {
    const [alice, bob] = await talk()
    const carol = await stand.join('carol')
    await stand.pass(1000)
    await carol.say('five')
    await stand.leave(alice)
    await stand.leave(bob)
    const dave = await stand.join('dave')
    await stand.pass(1000)
    expect(dave.shown()).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect(dave.history.told.map(({ author }) => author.name)).toEqual([
      ...['alice', 'bob', 'alice', 'bob', 'carol'],
    ])
  })

  test('messages are told in the order in which they were said, however long the teller signs its own', async () => {
    const [alice, bob] = await talk([])
    const sign = crypto.subtle.sign.bind(crypto.subtle)
    const release = Promise.withResolvers<void>()
    let signatures = 0
    const slow = vi.spyOn(crypto.subtle, 'sign').mockImplementation(async (...given) => {
      const [algorithm] = given
      const name = typeof algorithm === 'string' ? algorithm : algorithm.name
      if (name === 'Ed25519') signatures += 1
      // The first one is inside the seal, the second one for those who come later.
      if (name === 'Ed25519' && signatures === 2) await release.promise
      return sign(...given)
    })
    for (const text of ['one', 'two']) await alice.say(text)
    await stand.flush()
    await bob.say('three')
    await stand.flush()
    release.resolve()
    await stand.pass(100)
    slow.mockRestore()
    await stand.leave(bob)
    const carol = await stand.join('carol')
    await stand.pass(1000)
    expect(carol.shown()).toEqual(['one', 'two', 'three'])
  })

  test('the first in a room asks nobody', async () => {
    const alice = await stand.join('alice')
    await stand.join('bob')
    await stand.pass(5000)
    expect(alice.received.map(({ body }) => decodeHistory(body)?.type)).toEqual(['question'])
  })

  test.each([
    ['leaves', (asked: Member) => stand.leave(asked)],
    ['says nothing', () => stand.pass(3000)],
  ])('another member is asked when the first one %s', async (_, act) => {
    const others = await talk()
    for (const member of others) member.answers = false
    const carol = await stand.join('carol')
    await stand.pass(600)
    const asked = others.find(({ received }) => received.some(({ from }) => from === carol.self))
    if (asked === undefined) throw new Error('expected a question')
    expect(carol.shown()).toEqual([])
    for (const member of others) member.answers = member !== asked
    await act(asked)
    await stand.pass(1000)
    expect(carol.shown()).toEqual(['one', 'two', 'three', 'four'])
  })

  test('another member is asked when the first one is new itself', async () => {
    await talk()
    const [carol, dave] = [await stand.join('carol'), await stand.join('dave')]
    for (const member of [carol, dave]) member.history.left(stand.members[0]?.self as never)
    await stand.pass(5000)
    expect(dave.shown()).toEqual(['one', 'two', 'three', 'four'])
  })

  test('a member that learns the rule late asks then', async () => {
    await talk()
    const carol = await stand.join('carol', { rule: 'none' })
    await stand.pass(5000)
    expect(carol.shown()).toEqual([])
    carol.setRule('call')
    await stand.pass(1000)
    expect(carol.shown()).toEqual(['one', 'two', 'three', 'four'])
  })

  test('a message that the hub refused for good is told to nobody', async () => {
    const [alice] = await talk(['one'])
    const sending = alice.messages.broadcast(
      MESSAGE_KINDS.chat,
      new TextEncoder().encode('{"text":"refused","at":0}'),
    )
    alice.transport.tell('refused', { id: sending.id })
    await sending.sent
    await stand.pass(100)
    const carol = await stand.join('carol')
    await stand.pass(1000)
    expect(carol.history.told.map(({ chat }) => chat.text)).toContain('one')
  })
})

describe('[R62] under the rule `none`', () => {
  test('nobody keeps, asks or answers', async () => {
    const [alice, bob] = [
      await stand.join('alice', { rule: 'none' }),
      await stand.join('bob', { rule: 'none' }),
    ]
    await alice.say('one')
    const carol = await stand.join('carol', { rule: 'none' })
    await stand.pass(5000)
    expect(stand.sent).toBe(0)
    expect(carol.shown()).toEqual([])
    // A newcomer that asks all the same.
    const dave = await stand.join('dave', { rule: 'call' })
    await stand.pass(20_000)
    expect(dave.received).toEqual([])
    expect(bob.received.length).toBeGreaterThan(0)
  })

  test('messages from before the rule changed to `call` are told to nobody', async () => {
    const alice = await stand.join('alice', { rule: 'none' })
    const bob = await stand.join('bob', { rule: 'none' })
    await alice.say('before')
    await bob.say('before, too')
    await stand.flush()
    for (const member of stand.members) member.setRule('call')
    await stand.pass(1000)
    await alice.say('after')
    await stand.flush()
    const carol = await stand.join('carol')
    await stand.pass(1000)
    expect(carol.shown()).toEqual(['after'])
  })

  test('messages that were said and told under `call` are told to nobody from then on', async () => {
    await talk()
    const carol = await stand.join('carol')
    await stand.pass(1000)
    for (const member of stand.members) member.setRule('none')
    for (const member of stand.members) member.setRule('call')
    const dave = await stand.join('dave')
    await stand.pass(20_000)
    expect(dave.shown()).toEqual([])
    expect(carol.shown()).toEqual(['one', 'two', 'three', 'four'])
  })
})

describe('[R63] repeated messages are bounded', () => {
  test('to the newest 500 messages, in pages', async () => {
    const [alice] = await talk([])
    for (let n = 0; n < 600; n += 1) await alice.say(`${n}`)
    await stand.flush()
    const carol = await stand.join('carol')
    await stand.pass(2000)
    expect(carol.shown()).toEqual(Array.from({ length: 500 }, (_, n) => `${n + 100}`))
    expect(carol.received.length).toBeLessThan(10)
  })

  test('to 512 KiB of bodies, also of the longest texts', async () => {
    const [alice] = await talk([])
    const texts = Array.from({ length: 60 }, (_, n) => `${n}`.padEnd(4000, '\u0001'))
    for (const text of texts) await alice.say(text)
    await stand.flush()
    const carol = await stand.join('carol')
    await stand.pass(3000)
    const shown = carol.shown()
    expect(shown.length).toBeGreaterThan(15)
    expect(shown).toEqual(texts.slice(-shown.length))
    const bytes = carol.history.told.reduce((sum, { body }) => sum + body.length, 0)
    expect(bytes).toBeLessThanOrEqual(524_288)
    expect(carol.dropped).not.toHaveProperty('not-authentic')
    expect(carol.dropped).not.toHaveProperty('malformed-body')
  })

  test('to what a rate allows for each asker, and for all', async () => {
    const [alice] = await talk()
    const carol = await stand.join('carol')
    await stand.pass(1000)
    const { length } = carol.received
    const question = encodeQuestion({ type: 'question', number: 9, before: null })
    for (let n = 0; n < 300; n += 1) {
      await carol.messages.send(alice.self, MESSAGE_KINDS.history, question)
    }
    await stand.flush()
    expect(carol.received.length - length).toBeLessThanOrEqual(64)
    expect(alice.dropped['flood']).toBeGreaterThan(200)
  })
})

test.each([
  '',
  '{}',
  '[]',
  '{"number":1}',
  '{"number":-1,"before":null}',
  '{"number":1,"before":["x",1]}',
  '{"number":1,"before":["AAECAwQFBgcICQoLDA0ODw"]}',
  '{"number":1,"more":false,"complete":true,"authors":[["x",""]],"messages":[]}',
  '{"number":1,"more":false,"complete":true,"authors":[],"messages":[[0,1,"AAAA"]]}',
  `{"number":1,"more":false,"complete":true,"authors":[["${'A'.repeat(42)}E","n","x","y"]],"messages":[]}`,
  `{"number":1,"more":false,"complete":true,"authors":[["${'A'.repeat(42)}E","${'n'.repeat(81)}"]],"messages":[]}`,
])('[R62] a body that is neither a question nor a page is malformed: %s', (text) => {
  expect(decodeHistory(new TextEncoder().encode(text))).toBeUndefined()
})
