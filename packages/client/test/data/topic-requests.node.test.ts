import { concatBytes, uintToBytes } from '@conclave/base'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Topic } from '../../src/data/topic.ts'
import { encodeTopicMessage, encodeValue } from '../../src/data/topic-frame.ts'
import { type DataMember, DataStand } from './data-stand.ts'

let stand: DataStand

beforeEach(() => {
  stand = new DataStand()
})
afterEach(() => stand.close())

test('[R179] a request is answered by the handler of the one it is for, also with a large value', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [asks, answers] = await opened(alice, bob)
  const large = 'x'.repeat(600_000)
  answers.handle((value, { from }) => ({ value, from, large }))
  expect(await settled(asks.request({ page: 1 }, { to: bob.self }))).toEqual({
    ...{ value: { page: 1 }, from: alice.self, large },
  })
})

test('[R179] the text of an error stays with its handler, and each failure has a reason', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [asks, answers] = await opened(alice, bob)
  const request = (value: unknown) => asks.request(value, { to: bob.self })
  const unhandled = await settled(request(1).catch(describe))
  expect(unhandled).toEqual({ code: 'ERR_CLIENT_REQUEST', details: { reason: 'unhandled' } })
  answers.handle((value) => {
    if (value === 'large') return 'x'.repeat(1024 * 1024)
    throw new Error('the password is 1234')
  })
  const failed = await settled(request('secret').catch((error: unknown) => error))
  expect(failed).toMatchObject({ code: 'ERR_CLIENT_REQUEST', details: { reason: 'failed' } })
  expect(JSON.stringify(failed) + String(failed)).not.toContain('1234')
  const large = await settled(request('large').catch(describe))
  expect(large).toMatchObject({ details: { reason: 'too-large' } })
})

test('[R179] a request that is given up aborts at both ends', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [asks, answers] = await opened(alice, bob)
  const aborted: unknown[] = []
  answers.handle((value, { signal }) => {
    signal.addEventListener('abort', () => aborted.push(value))
    return new Promise(() => {})
  })
  const { signal, abort } = signalOf()
  const first = asks.request('by its signal', { to: bob.self, signal }).catch(describe)
  const second = asks.request('by its time', { to: bob.self, timeout: 1000 }).catch(describe)
  await stand.settle()
  abort()
  stand.clock.advance(1000)
  await stand.settle()
  expect(await first).toMatchObject({ code: 'ERR_CLIENT_ABORTED' })
  expect(await second).toMatchObject({ code: 'ERR_CLIENT_TIMEOUT' })
  expect(aborted).toEqual(['by its signal', 'by its time'])
})

test('[R179] a request ends when the participant leaves, and when the topic is closed', async () => {
  const [alice, bob, carol] = await stand.meet('Alice', 'Bob', 'Carol')
  const [asks, bobs, carols] = await opened(alice, bob, carol)
  const aborted: unknown[] = []
  for (const topic of [bobs, carols]) {
    topic?.handle((value, { signal }) => {
      signal.addEventListener('abort', () => aborted.push(value))
      return new Promise(() => {})
    })
  }
  const first = asks.request('to Bob', { to: bob.self }).catch(describe)
  const second = asks.request('to Carol', { to: carol.self }).catch(describe)
  await stand.settle()
  bob.transport.close()
  await stand.settle()
  expect(await first).toMatchObject({ code: 'ERR_CLIENT_NO_PARTICIPANT' })
  await asks.close()
  expect(await second).toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
})

test('[R179] a member that asks without end is busy, and holds up nobody else', async () => {
  const [alice, mallory, carol] = await stand.meet('Alice', 'Mallory', 'Carol')
  const [answers, asks, carols] = await opened(alice, mallory, carol)
  let open = 0
  answers.handle((value) => {
    if (value === 'hello') return 'hello Carol'
    open += 1
    return new Promise(() => {})
  })
  const outcomes: unknown[] = []
  for (let number = 0; number < 64; number += 1) {
    void asks.request(number, { to: alice.self }).catch((error: unknown) => {
      outcomes.push(describe(error))
    })
  }
  await expect(asks.request('one more', { to: alice.self })).rejects.toMatchObject({
    code: 'ERR_CLIENT_OVERFLOW',
  })
  await stand.settle()
  expect(open).toBe(16)
  expect(outcomes).toHaveLength(48)
  expect(outcomes[0]).toMatchObject({ details: { reason: 'busy' } })
  expect(await settled(carols?.request('hello', { to: alice.self }))).toBe('hello Carol')
})

test('[R179] nobody answers in the place of another one', async () => {
  const [alice, bob, mallory] = await stand.meet('Alice', 'Bob', 'Mallory')
  const [asks, answers] = await opened(alice, bob, mallory)
  answers.handle(() => new Promise((resolve) => setImmediate(() => resolve('from Bob'))))
  const answer = asks.request('who?', { to: bob.self })
  const forged = encodeTopicMessage({
    ...{ type: 'answer', topic: 'requests' },
    value: concatBytes([0, 0, 0, 1], encodeValue('from Mallory')),
  })
  // Behind all that Mallory said before.
  const at = uintToBytes(1_000_000, 6)
  const length = uintToBytes(forged.length, 4)
  const frame = concatBytes([1], at, at, new Uint8Array(6), length, forged)
  await mallory.data.path.send(alice.self, 'topic', frame)
  expect(await settled(answer)).toBe('from Bob')
})

const describe = (error: unknown): unknown => {
  const { code, details } = error as { readonly code: string; readonly details: unknown }
  return { code, details }
}

const signalOf = () => {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

/** The result, for which everything is delivered that waits. */
async function settled(result: Promise<unknown> | undefined): Promise<unknown> {
  await stand.settle()
  return result
}

async function opened(...members: readonly DataMember[]): Promise<[Topic, Topic, ...Topic[]]> {
  const topics = members.map(({ data }) => data.topics.open('requests', {}))
  await stand.settle()
  return topics as [Topic, Topic, ...Topic[]]
}
