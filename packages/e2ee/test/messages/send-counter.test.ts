import { describe, expect, test } from 'vitest'
import { MAX_SEQUENCE } from '../../src/messages/message-envelope.ts'
import { MAX_MESSAGES_PER_KEY, SendCounter } from '../../src/messages/send-counter.ts'
import { failureOf } from '../fixtures.ts'

const EXHAUSTED = 'ERR_E2EE_EXHAUSTED'
const rootByName = new Map<string, { sealed: number }>()
/** Identifies the secret of a key: the same for the same name. */
function keyOf(epoch: bigint, keyId = ''): { sealed: number } {
  const name = `${epoch} ${keyId}`
  const root = rootByName.get(name) ?? { sealed: 0 }
  rootByName.set(name, root)
  return root
}

describe('send counter', () => {
  test('[P2] counts from 0 without gaps, across epochs', () => {
    const counter = new SendCounter({ maxMessagesPerKey: MAX_MESSAGES_PER_KEY })
    expect([0n, 0n, 1n, 0n, 9n].map((epoch) => counter.take(keyOf(epoch)))).toEqual([0, 1, 2, 3, 4])
    expect(counter.next).toBe(5)
  })

  test('[P3] a key that has sealed all it may refuses, and a new epoch or another key id helps', async () => {
    const counter = new SendCounter({ maxMessagesPerKey: 2 })
    expect([counter.take(keyOf(1n)), counter.take(keyOf(1n))]).toEqual([0, 1])
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const error = await failureOf(() => counter.take(keyOf(1n)))
      expect(error).toMatchObject({ code: EXHAUSTED, details: { limit: 'key' } })
    }
    expect(counter.take(keyOf(2n))).toBe(2)
    expect(counter.take(keyOf(2n, 'other'))).toBe(3)
    expect(counter.take(keyOf(2n, 'other'))).toBe(4)
    expect((await failureOf(() => counter.take(keyOf(2n, 'other')))).code).toBe(EXHAUSTED)
    // Also when other keys sealed meanwhile.
    expect((await failureOf(() => counter.take(keyOf(1n)))).code).toBe(EXHAUSTED)
    expect(counter.take(keyOf(2n))).toBe(5)
    expect((await failureOf(() => counter.take(keyOf(2n)))).code).toBe(EXHAUSTED)
  })

  test('[P3] the sequence ends at 2^53 - 1, for good', async () => {
    const limits = { maxMessagesPerKey: MAX_MESSAGES_PER_KEY }
    const counter = new SendCounter({ ...limits, next: MAX_SEQUENCE - 1 })
    expect([counter.take(keyOf(0n)), counter.take(keyOf(0n))]).toEqual([
      MAX_SEQUENCE - 1,
      MAX_SEQUENCE,
    ])
    for (const epoch of [0n, 1n, 2n]) {
      const error = await failureOf(() => counter.take(keyOf(epoch)))
      expect(error).toMatchObject({ code: EXHAUSTED, details: { limit: 'stream' } })
    }
    expect(MAX_MESSAGES_PER_KEY).toBe(2 ** 32)
  })
})
