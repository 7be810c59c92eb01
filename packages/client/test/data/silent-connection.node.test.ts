import { createRandom } from '@conclave/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataStand } from './data-stand.ts'
import { LinkedMedia } from './linked-media.ts'

let stand: DataStand

beforeEach(() => {
  stand = new DataStand()
})
afterEach(() => stand.close())

test('[R221] after 2 s without an answer a value goes over the hub, once and in order, and later over the connection again', async () => {
  const { alice, bob, connection, send, heard } = await connected()
  await send('one')
  await pass(1000)
  connection.isDead = true
  await send('two')
  await send('three')
  await pass(1900)
  expect(heard).toEqual(['one'])
  expect(alice.data.path.isDirect(bob.self)).toBe(true)
  await pass(100)
  expect(heard).toEqual(['one', 'two', 'three'])
  expect(alice.data.path.isDirect(bob.self)).toBe(false)
  await send('four')
  expect(heard.at(-1)).toBe('four')
  connection.revive()
  await pass(1000)
  expect(alice.data.path.isDirect(bob.self)).toBe(true)
  const before = stand.hub.seen.length
  await send('five')
  expect(heard).toEqual(['one', 'two', 'three', 'four', 'five'])
  expect(stand.hub.seen).toHaveLength(before)
})

test('[R221] a connection that dies and comes back at any time loses, doubles and reorders nothing', async () => {
  const random = createRandom(17)
  const { connection, back, send, heard } = await connected()
  const sent: string[] = []
  for (let round = 0; round < 40; round += 1) {
    connection.isDead = random() < 0.5
    back.isDead = random() < 0.3
    for (let each = 0; each < 3; each += 1) {
      sent.push(`${round} ${each}`)
      void send(sent.at(-1) ?? '')
    }
    await pass(Math.floor(random() * 4) * 700)
    if (!connection.isDead) connection.revive()
    if (!back.isDead) back.revive()
  }
  connection.revive()
  back.revive()
  await pass(3000)
  expect(heard).toEqual(sent)
})

test('[R221] anything else from the other side keeps a connection for 5 s without an answer, and no longer', async () => {
  const { alice, bob, connection } = await connected()
  const say = async (): Promise<void> => {
    void bob.data.path.send(alice.self, 'file', new Uint8Array(3))
    await pass(500)
  }
  await pass(1000)
  connection.isDead = true
  void alice.data.path.send(bob.self, 'file', new Uint8Array(3))
  await stand.settle()
  for (let each = 0; each < 9; each += 1) await say()
  expect(alice.data.path.isDirect(bob.self)).toBe(true)
  await say()
  expect(alice.data.path.isDirect(bob.self)).toBe(false)
})

test('[R222] a session that answers no questions keeps its connection', async () => {
  const { alice, bob, connection } = await connected({ isOld: true })
  connection.isDead = true
  await alice.data.path.send(bob.self, 'file', new Uint8Array(3))
  await pass(30_000)
  expect(alice.data.path.isDirect(bob.self)).toBe(true)
})

test('[R222] a connection in which nothing is sent is asked nothing, and each question has 1 byte', async () => {
  const { alice, bob, connection } = await connected()
  await pass(3000)
  const before = connection.passed.length
  await pass(60_000)
  expect(connection.passed).toHaveLength(before)
  await alice.data.path.send(bob.self, 'file', new Uint8Array(3))
  await pass(60_000)
  expect(connection.passed.slice(before)).toEqual([
    { channel: 'room data', bytes: expect.any(Number) },
    { channel: 'room data?', bytes: 1 },
  ])
})

test('[R222] many questions get few answers, and malformed ones none', async () => {
  const { alice, bob, connection, back } = await connected()
  await pass(3000)
  const answers = (): number => back.passed.filter(({ channel }) => channel === 'room data!').length
  const ask = (bytes: Uint8Array): Promise<void> =>
    connection.sendData(bob.self, 'room data?', bytes, { reliable: false })
  const before = answers()
  await ask(new Uint8Array())
  await ask(new Uint8Array(2))
  await connection.sendData(bob.self, 'room data!', new Uint8Array(2))
  expect(answers()).toBe(before)
  for (let each = 0; each < 1000; each += 1) await ask(Uint8Array.of(1))
  await pass(0)
  expect(answers() - before).toBe(16)
  expect(alice.data.path.isDirect(bob.self)).toBe(true)
})

/** Lets time pass in small steps, with all that follows from it. */
async function pass(ms: number): Promise<void> {
  for (let step = 0; step <= ms; step += 100) {
    await stand.settle()
    if (step < ms) stand.clock.advance(100)
  }
}

/** Alice and Bob with a connection, and a topic by which she sends to him. */
async function connected({ isOld = false }: { readonly isOld?: boolean } = {}) {
  const [connection, back] = [new LinkedMedia(), new LinkedMedia()]
  back.isOld = isOld
  const alice = await stand.join('Alice', { media: connection })
  const bob = await stand.join('Bob', { media: back })
  await stand.settle()
  LinkedMedia.connect([alice.self, connection], [bob.self, back])
  const heard: unknown[] = []
  bob.data.topics.open('words', {}).on('value', ({ value }) => heard.push(value))
  const topic = alice.data.topics.open('words', {})
  await stand.settle()
  const send = async (value: string): Promise<void> => {
    await topic.send(value)
    await stand.settle()
  }
  return { alice, bob, connection, back, send, heard }
}
