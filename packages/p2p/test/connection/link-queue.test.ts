import { expect, test } from 'vitest'
import { LinkQueue, MESSAGES } from '../../src/connection/link-queue.ts'
import { MAX_WAITING_MESSAGES } from '../../src/signalling/messages.ts'

const setUp = () => {
  const dropped: string[] = []
  const errors: unknown[] = []
  const time = { nowMs: 0 }
  const queue = new LinkQueue({
    nowMs: () => time.nowMs,
    dropped: (reason) => dropped.push(reason),
    failed: (error) => errors.push(error),
  })
  return { queue, dropped, errors, time }
}

const turns = async (count = 10): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}

/** Starts a task that runs until the returned function is called. */
const block = (queue: LinkQueue): (() => void) => {
  let unblock = (): void => undefined
  queue.handle(() => new Promise<void>((resolve) => (unblock = resolve)))
  return () => unblock()
}

test('[S14] messages are handled one at a time, each to completion', async () => {
  const { queue } = setUp()
  const log: string[] = []
  const task = (name: string) => async (): Promise<void> => {
    log.push(`${name} begins`)
    await turns(3)
    log.push(`${name} ends`)
  }
  queue.handle(task('a'))
  queue.change(task('b'))
  queue.handle(task('c'))
  await turns(60)
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('[S14] a task that throws or rejects is reported, and the next one runs', async () => {
  const { queue, errors } = setUp()
  let ran = false
  queue.handle(() => {
    throw new Error('thrown')
  })
  queue.handle(() => Promise.reject(new Error('rejected')))
  queue.handle(() => {
    ran = true
  })
  await turns(20)
  expect(errors).toEqual([new Error('thrown'), new Error('rejected')])
  expect(ran).toBe(true)
})

test('[S14] at most 512 messages wait; more are refused and counted as overflow', async () => {
  const { queue, dropped } = setUp()
  const unblock = block(queue)
  let count = 0
  const handle = (): void => queue.handle(() => void (count += 1))
  for (let index = 0; index < MAX_WAITING_MESSAGES; index += 1) handle()
  expect(MAX_WAITING_MESSAGES).toBe(512)
  expect(dropped).toEqual([])
  handle()
  expect(dropped).toEqual(['overflow'])
  unblock()
  await turns(5_000)
  expect(count).toBe(MAX_WAITING_MESSAGES)
  handle()
  expect(dropped).toEqual(['overflow'])
})

test('[S14] a flood of messages does not displace changes of this side, which are bounded too', async () => {
  const { queue, dropped } = setUp()
  const unblock = block(queue)
  for (let index = 0; index < 2_000; index += 1) queue.handle(() => undefined)
  expect(dropped).toHaveLength(2_000 - MAX_WAITING_MESSAGES)
  dropped.length = 0
  let count = 0
  for (let index = 0; index < 2_000; index += 1) queue.change(() => void (count += 1))
  expect(dropped).toHaveLength(2_000 - MAX_WAITING_MESSAGES)
  unblock()
  await turns(10_000)
  expect(count).toBe(MAX_WAITING_MESSAGES)
})

test('[S14] a closed queue runs and reports nothing', async () => {
  const { queue, dropped, errors } = setUp()
  let ran = false
  queue.handle(() => turns(2).then(() => Promise.reject(new Error('the connection was closed'))))
  queue.handle(() => void (ran = true))
  queue.close()
  queue.handle(() => void (ran = true))
  queue.change(() => void (ran = true))
  await turns(20)
  expect(ran).toBe(false)
  expect(errors).toEqual([])
  expect(dropped).toEqual([])
})

test('[S117] a peer says 1,024 messages at once, and then 32 each second; more are counted as rate', async () => {
  const { queue, dropped, time } = setUp()
  let count = 0
  const flood = async (): Promise<void> => {
    for (let index = 0; index < 3000; index += 1) {
      queue.handle(() => void (count += 1))
      if (index % 100 === 0) await turns(400)
    }
  }
  await flood()
  expect(MESSAGES).toEqual({ burst: 1024, perSecond: 32 })
  expect([count, new Set(dropped)]).toEqual([1024, new Set(['rate'])])
  time.nowMs += 2000
  await flood()
  expect(count).toBe(1024 + 64)
  // What this side does itself is not counted.
  queue.change(() => void (count += 1))
  await turns(10)
  expect(count).toBe(1024 + 65)
})
