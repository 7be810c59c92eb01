import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { Webhooks } from '../../src/webhooks/webhooks.ts'
import type { PostAnswer, PostRequest } from '../../src/access/webhook-authorizer.ts'

test('[G80] events of a second are delivered together, in their order', async () => {
  const receiver = new Receiver()
  for (const type of ['channelOccupied', 'memberAdded', 'memberRemoved', 'channelVacated'] as const)
    receiver.push(type)
  expect(receiver.requests).toEqual([])
  receiver.clock.advance(1000)
  const [first] = await receiver.until(1)
  expect(first?.body).toMatchObject({ version: 1, app: 'team', dropped: 0 })
  expect(first?.body.events.map(({ type }) => type)).toEqual([
    'channelOccupied',
    'memberAdded',
    'memberRemoved',
    'channelVacated',
  ])
  expect(receiver.delivered).toBe(1)
})

test('[G80] a hundred events are a delivery, and wait for no second', async () => {
  const receiver = new Receiver()
  for (let at = 0; at < 250; at += 1) receiver.push()
  const [first, second] = await receiver.until(2)
  expect(first?.body.events).toHaveLength(100)
  expect(second?.body.events).toHaveLength(100)
  receiver.clock.advance(1000)
  const [, , third] = await receiver.until(3)
  expect(third?.body.events).toHaveLength(50)
  const ids = receiver.requests.flatMap(({ body }) => body.events.map(({ id }) => id))
  expect(new Set(ids).size).toBe(250)
})

test('[G81] a delivery that failed is repeated with the same id and bytes, signed for its own time', async () => {
  const receiver = new Receiver({ statuses: [500, 0, 204] })
  receiver.push()
  receiver.clock.advance(1000)
  await receiver.until(1)
  receiver.clock.advance(5000)
  await receiver.until(2)
  receiver.push('memberRemoved')
  receiver.clock.advance(10_000)
  await receiver.until(3)
  receiver.clock.advance(1000)
  const [first, second, third, fourth] = await receiver.until(4)
  expect(second?.text).toBe(first?.text)
  expect(third?.text).toBe(first?.text)
  expect(new Set([first?.id, second?.id, third?.id]).size).toBe(1)
  expect(third?.timestampS).toBe(Number(first?.timestampS) + 15)
  expect(fourth?.body.events.map(({ type }) => type)).toEqual(['memberRemoved'])
  expect(fourth?.id).not.toBe(first?.id)
  expect(receiver).toMatchObject({ delivered: 2, failures: 2, dropped: 0 })
})

test('[G82] ten attempts within an hour, and then the next delivery says how many events are missing', async () => {
  const receiver = new Receiver({ statuses: Array.from({ length: 10 }, () => 301) })
  const startedMs = receiver.clock.now()
  receiver.push()
  receiver.push()
  receiver.clock.advance(1000)
  for (let attempt = 1; attempt < 10; attempt += 1) {
    await receiver.until(attempt)
    receiver.clock.advance(5000 * 2 ** (attempt - 1))
  }
  await receiver.until(10)
  expect(receiver.clock.now() - startedMs).toBeLessThan(3_600_000)
  receiver.push('channelVacated')
  receiver.clock.advance(1000)
  const requests = await receiver.until(11)
  expect(requests[10]?.body).toMatchObject({ dropped: 2, events: [{ type: 'channelVacated' }] })
  expect(receiver).toMatchObject({ delivered: 1, failures: 10, dropped: 2 })
})

test('[G82] a receiver that does not answer costs one request at a time, which ends after 5 s', async () => {
  const receiver = new Receiver({ statuses: ['never', 200] })
  receiver.push()
  receiver.clock.advance(1000)
  const [first] = await receiver.until(1)
  for (let at = 0; at < 500; at += 1) receiver.push()
  receiver.clock.advance(4999)
  await settle()
  expect(receiver.requests).toHaveLength(1)
  expect(first?.signal.aborted).toBe(false)
  receiver.clock.advance(1)
  expect(first?.signal.aborted).toBe(true)
  await settle()
  receiver.clock.advance(5000)
  expect((await receiver.until(2))[1]?.id).toBe(first?.id)
})

test('[G82] a queue that is full drops its oldest events, and tells it', async () => {
  const receiver = new Receiver({ statuses: ['never'] })
  receiver.push('channelOccupied')
  receiver.clock.advance(1000)
  await receiver.until(1)
  for (let at = 0; at < 1007; at += 1) receiver.push()
  expect(receiver.dropped).toBe(7)
  receiver.clock.advance(5000)
  await settle()
  receiver.clock.advance(5000)
  const requests = await receiver.until(3)
  expect(requests[1]?.body.dropped).toBe(0)
  expect(requests[2]?.body.dropped).toBe(7)
  expect(requests[2]?.body.events[0]?.id).toMatch(/\.9$/)
})

test('[G83] at the end what waits is delivered without a pause, and nothing after it', async () => {
  const receiver = new Receiver()
  receiver.push()
  await receiver.webhooks.close()
  expect(receiver.requests).toHaveLength(1)
  receiver.push()
  expect(receiver.dropped).toBe(1)
  expect(receiver.clock.pending).toBe(0)
})

test('[G83] at the end each batch has one attempt more, and one that fails ends the others', async () => {
  const receiver = new Receiver({ statuses: [500, 500] })
  for (let at = 0; at < 150; at += 1) receiver.push()
  await receiver.until(1)
  await receiver.webhooks.close()
  expect(receiver.requests).toHaveLength(2)
  expect(receiver.dropped).toBe(150)
  expect(receiver.clock.pending).toBe(0)
})

test('[G83] an attempt that is under way ends in time', async () => {
  const receiver = new Receiver({ statuses: ['never'] })
  receiver.push()
  const flushed = receiver.webhooks.close()
  const [first] = await receiver.until(1)
  receiver.clock.advance(3499)
  expect(first?.signal.aborted).toBe(false)
  receiver.clock.advance(1)
  await flushed
  expect(first?.signal.aborted).toBe(true)
  receiver.clock.advance(1500)
  await settle()
  expect(receiver.requests).toHaveLength(1)
  expect(receiver.dropped).toBe(1)
})

test('[G80] an event of an app without a receiver goes nowhere', async () => {
  const receiver = new Receiver()
  receiver.webhooks.push('other', { type: 'channelOccupied', channel: 'private-a' })
  expect(receiver.clock.pending).toBe(0)
})

interface Heard {
  readonly id: string
  readonly timestampS: number
  readonly text: string
  readonly signal: AbortSignal
  readonly body: {
    readonly dropped: number
    readonly events: readonly { readonly id: string; readonly type: string }[]
  }
}

/** The server of an application, which answers as a test says, and then with 200. */
class Receiver {
  readonly clock = new VirtualClock(1_700_000_000_000)
  readonly requests: Heard[] = []
  delivered = 0
  failures = 0
  dropped = 0
  readonly webhooks: Webhooks
  readonly #statuses: (number | 'never')[]

  constructor({ statuses = [] }: { readonly statuses?: readonly (number | 'never')[] } = {}) {
    this.#statuses = [...statuses]
    this.webhooks = new Webhooks(
      {
        targets: [{ app: 'team', url: 'https://team.example/hook', secret: new Uint8Array(32) }],
        post: (request) => this.#answer(request),
      },
      {
        clock: this.clock,
        onDelivered: () => (this.delivered += 1),
        onFailure: () => (this.failures += 1),
        onDropped: (events) => (this.dropped += events),
      },
    )
  }

  push(
    type: 'channelOccupied' | 'channelVacated' | 'memberAdded' | 'memberRemoved' = 'memberAdded',
  ): void {
    const isMember = type.startsWith('member')
    const member = isMember ? { id: 'A'.repeat(22), user: 'alice', device: 'phone' } : undefined
    this.webhooks.push('team', { type, channel: 'presence-garden', member })
  }

  async until(count: number): Promise<readonly Heard[]> {
    while (this.requests.length < count) await settle()
    await settle()
    return this.requests
  }

  #answer({ headers, body, signal }: PostRequest): Promise<PostAnswer> {
    const text = new TextDecoder().decode(body)
    this.requests.push({
      ...{
        id: headers['webhook-id'] ?? '',
        timestampS: Number(headers['webhook-timestamp']),
        text,
        signal,
      },
      body: JSON.parse(text) as Heard['body'],
    })
    const status = this.#statuses.shift() ?? 200
    if (status === 'never') return new Promise(() => {})
    return status === 0
      ? Promise.reject(new Error('connection lost'))
      : Promise.resolve({ status, body: new Uint8Array() })
  }
}

/** Lets promises go on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
