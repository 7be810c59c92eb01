import { TaskQueue } from '@conclave/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'

interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

function gate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('tasks run one after the other in the order of the calls', async () => {
  const queue = new TaskQueue({ maxWaiting: 10 })
  const heard: string[] = []
  const { opened, open } = gate()
  const first = queue.run(async () => {
    heard.push('first begins')
    await opened
    heard.push('first ends')
    return 1
  })
  const second = queue.run(() => {
    heard.push('second')
    return 2
  })
  expect(heard).toEqual(['first begins'])
  expect(queue.size).toBe(2)
  open()
  expect(await Promise.all([first, second])).toEqual([1, 2])
  expect(heard).toEqual(['first begins', 'first ends', 'second'])
  await queue.close()
  expect(queue.size).toBe(0)
})

test('a task that fails has its own error and does not stop the next', async () => {
  const queue = new TaskQueue({ maxWaiting: 10 })
  const results = await Promise.allSettled([
    queue.run(() => {
      throw new Error('at once')
    }),
    queue.run(async () => Promise.reject(new Error('later'))),
    queue.run(() => 'third'),
  ])
  expect(results).toMatchObject([
    { status: 'rejected', reason: { message: 'at once' } },
    { status: 'rejected', reason: { message: 'later' } },
    { status: 'fulfilled', value: 'third' },
  ])
})

test('more than may wait are refused and never run', async () => {
  const queue = new TaskQueue({ maxWaiting: 2 })
  const { opened, open } = gate()
  const ran: number[] = []
  const tasks = [0, 1, 2, 3].map((at) =>
    queue.run(async () => {
      await opened
      ran.push(at)
    }),
  )
  expect(tasks.map((task) => task === undefined)).toEqual([false, false, false, true])
  expect(queue.size).toBe(3)
  open()
  for (const task of tasks) await task
  expect(ran).toEqual([0, 1, 2])
  expect(await queue.run(() => 'again')).toBe('again')
})

test('a queue in which nothing may wait runs one task at a time', async () => {
  const queue = new TaskQueue({ maxWaiting: 0 })
  const { opened, open } = gate()
  const first = queue.run(() => opened)
  expect(first).toBeDefined()
  expect(queue.run(() => 'refused')).toBeUndefined()
  open()
  await first
  await queue.close()
  const next = new TaskQueue({ maxWaiting: 0 })
  expect(await next.run(() => 'runs')).toBe('runs')
})

test('closing refuses new tasks and waits for those that are there', async () => {
  const queue = new TaskQueue({ maxWaiting: 10 })
  const { opened, open } = gate()
  const done: string[] = []
  void queue.run(async () => {
    await opened
    done.push('first')
  })
  void queue.run(() => done.push('second'))
  const closing = Promise.all([queue.close(), queue.close()])
  expect([queue.closed, queue.size]).toEqual([true, 2])
  expect(queue.run(() => {})).toBeUndefined()
  open()
  await closing
  expect(done).toEqual(['first', 'second'])
})

test('an idle queue closes at once', async () => {
  const queue = new TaskQueue({ maxWaiting: 1 })
  await queue.close()
  expect(queue.closed).toBe(true)
})

test('a task may close its queue, which waits for the task', async () => {
  const queue = new TaskQueue({ maxWaiting: 1 })
  const { opened, open } = gate()
  const heard: string[] = []
  const task = queue.run(async () => {
    const closing = queue.close().then(() => heard.push('closed'))
    await opened
    heard.push('task')
    return { closing }
  })
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  open()
  await (
    await task
  )?.closing
  expect(heard).toEqual(['task', 'closed'])
})

test('abandoning rejects what waits, and lets the task that runs end', async () => {
  const queue = new TaskQueue({ maxWaiting: 10 })
  const { opened, open } = gate()
  const running = queue.run(() => opened.then(() => 'ran'))
  const waiting = [queue.run(() => 'never'), queue.run(() => 'never')]
  queue.abandon()
  for (const task of waiting) await expect(task).rejects.toThrow('the queue was abandoned')
  expect(queue.run(() => {})).toBeUndefined()
  const closing = queue.close()
  open()
  expect(await running).toBe('ran')
  await closing
})

test('abandoning passes on the error that it is given', async () => {
  const queue = new TaskQueue({ maxWaiting: 10 })
  void queue.run(() => new Promise(() => {}))
  const waiting = queue.run(() => {})
  queue.abandon(new RangeError('closed'))
  await expect(waiting).rejects.toThrow(RangeError)
})

test('each task runs once, in order, and never beside another, whatever it does', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ turns: fc.nat(5), fails: fc.boolean() }), { maxLength: 20 }),
      fc.nat(10),
      async (tasks, maxWaiting) => {
        const queue = new TaskQueue({ maxWaiting })
        const [ran, accepted]: [number[], number[]] = [[], []]
        let running = 0
        const results = tasks.map(({ turns, fails }, at) => {
          const result = queue.run(async () => {
            running += 1
            expect(running).toBe(1)
            ran.push(at)
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
            running -= 1
            if (fails) throw new Error('task')
          })
          if (result !== undefined) accepted.push(at)
          return result?.catch(() => {})
        })
        for (const result of results) await result
        await queue.close()
        expect(ran).toEqual(accepted)
        expect(accepted).toHaveLength(Math.min(tasks.length, maxWaiting + 1))
      },
    ),
  ))
