import { randomMessageId } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { reconnectDelayMs } from '../../src/hub/reconnect-delay.ts'
import { Outbox } from '../../src/hub/outbox.ts'
import { Pacer } from '../../src/hub/pacer.ts'

const limits = {
  publishPerSecond: 10,
  publishBurst: 20,
  bytesPerSecond: 1000,
  bytesBurst: 5000,
}

test('[R6] a burst passes, then messages come at the hub’s rate, with a tenth in reserve', () => {
  const pacer = new Pacer(limits)
  let passed = 0
  while (pacer.take(1, 0) === 0) passed += 1
  expect(passed).toBe(18)
  const waitMs = pacer.take(1, 0)
  expect(waitMs).toBeGreaterThan(100)
  expect(waitMs).toBeLessThanOrEqual(112)
  expect(pacer.take(1, waitMs)).toBe(0)
})

test('[R6] bytes are paced too, and a message larger than the burst passes an empty bucket', () => {
  const pacer = new Pacer(limits)
  expect(pacer.take(6000, 0)).toBe(0)
  expect(pacer.take(900, 0)).toBeGreaterThan(1000)
})

test('[R181] where a hub names 0, one message and one byte pass each second', () => {
  const none = { publishPerSecond: 0, publishBurst: 0, bytesPerSecond: 0, bytesBurst: 0 }
  const pacer = new Pacer(none)
  expect(pacer.take(1, 0)).toBe(0)
  const waitMs = pacer.take(1, 0)
  expect(waitMs).toBeGreaterThan(1000)
  expect(waitMs).toBeLessThan(1200)
  expect(pacer.take(1, waitMs)).toBe(0)
  const refused = new Pacer(none)
  refused.pauseUntil(500)
  expect(refused.take(1, 0)).toBeGreaterThanOrEqual(500)
})

test('[R6] after a refusal sending pauses', () => {
  const pacer = new Pacer(limits)
  pacer.pauseUntil(500)
  expect(pacer.take(1, 0)).toBeGreaterThanOrEqual(500)
  expect(pacer.take(1, 700)).toBe(0)
})

test('[R5] the outbox keeps order, drops acknowledged messages, and is bounded', () => {
  const outbox = new Outbox()
  const [first, second] = [randomMessageId(), randomMessageId()]
  outbox.add({ id: first, payload: new Uint8Array(1) })
  outbox.add({ id: second, payload: new Uint8Array(1) })
  outbox.markSent(first)
  expect(outbox.next()?.id).toBe(second)
  outbox.markAllUnsent()
  expect(outbox.next()?.id).toBe(first)
  expect(outbox.remove(first)).toBe(true)
  expect(outbox.remove(first)).toBe(false)
  expect(outbox.has(second)).toBe(true)
  let added = 1
  while (outbox.add({ id: randomMessageId(), payload: new Uint8Array(1) })) added += 1
  expect(added).toBe(2048)
  const bytes = new Outbox()
  let large = 0
  while (bytes.add({ id: randomMessageId(), payload: new Uint8Array(65_536) })) large += 1
  expect(large).toBe(128)
})

test('[R28, R31] repetitions fill half of the outbox and go after all other messages', () => {
  const outbox = new Outbox()
  const payload = new Uint8Array(1)
  let repetitions = 0
  while (outbox.add({ id: randomMessageId(), payload, isRepetition: true })) repetitions += 1
  expect(repetitions).toBe(1024)
  const id = randomMessageId()
  expect(outbox.add({ id, payload })).toBe(true)
  expect(outbox.next()?.id).toBe(id)
  outbox.markSent(id)
  const repetition = outbox.next()
  expect(repetition?.isRepetition).toBe(true)
  outbox.remove(repetition?.id as never)
  expect(outbox.add({ id: randomMessageId(), payload, isRepetition: true })).toBe(true)
})

test('[R187] urgent messages go before all others, and in their order', () => {
  const outbox = new Outbox()
  const payload = new Uint8Array(1)
  const [said, first, second] = [randomMessageId(), randomMessageId(), randomMessageId()]
  outbox.add({ id: said, payload })
  outbox.add({ id: first, payload, isUrgent: true })
  outbox.add({ id: second, payload, isUrgent: true })
  expect(outbox.next()?.id).toBe(first)
  outbox.markSent(first)
  expect(outbox.next()?.id).toBe(second)
  outbox.remove(second)
  expect(outbox.next()?.id).toBe(said)
  outbox.markAllUnsent()
  expect(outbox.next()?.id).toBe(first)
  outbox.remove(first)
  expect(outbox.next()?.id).toBe(said)
})

test('[R171] data goes after messages and repetitions that wait, and in its order', () => {
  const outbox = new Outbox()
  const payload = new Uint8Array(1)
  const [first, second] = [randomMessageId(), randomMessageId()]
  const [repeated, said] = [randomMessageId(), randomMessageId()]
  outbox.add({ id: first, payload, isData: true })
  outbox.add({ id: second, payload, isData: true })
  outbox.add({ id: repeated, payload, isRepetition: true })
  outbox.add({ id: said, payload })
  const sent = []
  for (let next = outbox.next(); next !== undefined; next = outbox.next()) {
    sent.push(next.id)
    outbox.markSent(next.id)
  }
  expect(sent).toEqual([said, repeated, first, second])
})

test('[R171] data leaves half of each burst to everything else', () => {
  const pacer = new Pacer(limits)
  let data = 0
  while (pacer.take(1, 0, true) === 0) data += 1
  expect(data).toBe(9)
  let others = 0
  while (pacer.take(1, 0) === 0) others += 1
  expect(others).toBe(9)
  const bytes = new Pacer(limits)
  expect(bytes.take(2250, 0, true)).toBe(0)
  expect(bytes.take(1, 0, true)).toBeGreaterThan(0)
  expect(bytes.take(2250, 0)).toBe(0)
})

test('[R31] of a burst no more is used than the send log can repeat', () => {
  const pacer = new Pacer({ ...limits, publishBurst: 1e6, bytesBurst: 1e9 })
  let passed = 0
  while (pacer.take(1, 0) === 0) passed += 1
  expect(passed).toBeLessThanOrEqual(1024)
})

test('[R3] the first attempt comes at once, later ones with full jitter up to 5 s', () => {
  expect(reconnectDelayMs(0, 0.99)).toBe(0)
  expect(reconnectDelayMs(1, 0.5)).toBe(250)
  expect(reconnectDelayMs(3, 1)).toBe(2000)
  expect(reconnectDelayMs(9, 1)).toBe(5000)
  expect(reconnectDelayMs(10_000, 0)).toBe(0)
})
