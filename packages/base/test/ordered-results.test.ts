import { OrderedResults } from '@conclave/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: Error) => void
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: Error) => void = () => {}
  const promise = new Promise<T>((done, fail) => {
    resolve = done
    reject = fail
  })
  return { promise, resolve, reject }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve()
}

test('[P15] the order of calls is kept without keeping anything of them', async () => {
  const order = new OrderedResults()
  const heard: string[] = []
  const gate = deferred<void>()
  const first = order.after(
    'a',
    gate.promise.then(() => heard.push('first')),
  )
  const second = order.after('a', Promise.reject(new Error('second')))
  const third = order.after('a', Promise.resolve('third'))
  void third.then((text) => heard.push(text))
  await order.after('b', Promise.resolve()).then(() => heard.push('other lane'))
  // A turn of the event loop, in which an engine would call a rejection unhandled.
  await crypto.subtle.digest('SHA-256', new Uint8Array())
  gate.resolve()
  await first
  await expect(second).rejects.toThrow('second')
  await third
  expect(heard).toEqual(['other lane', 'first', 'third'])
  await settle()
  expect(order.lanes).toBe(0)
})

test('[P15] results come in the order of the calls in each lane, in whatever order the work finishes', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ lane: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean() }), {
        maxLength: 20,
      }),
      fc.infiniteStream(fc.nat()),
      async (calls, chance) => {
        const order = new OrderedResults()
        const heard: { lane: string; at: number; failed: boolean }[] = []
        const works = calls.map(({ lane, fails }, at) => {
          const work = deferred<void>()
          const note = (failed: boolean) => () => void heard.push({ lane, at, failed })
          void order.after(lane, work.promise).then(note(false), note(true))
          return {
            finish: fails ? () => work.reject(new Error('work')) : work.resolve,
            key: chance.next().value ?? 0,
          }
        })
        expect(order.lanes).toBe(new Set(calls.map(({ lane }) => lane)).size)
        for (const { finish } of works.toSorted((one, other) => one.key - other.key)) {
          finish()
          await Promise.resolve()
        }
        await settle()
        for (const lane of ['a', 'b', 'c']) {
          const expected = calls
            .map(({ fails, ...call }, at) => ({ ...call, at, failed: fails }))
            .filter((call) => call.lane === lane)
          expect(heard.filter((each) => each.lane === lane)).toEqual(expected)
        }
        await settle()
        expect(order.lanes).toBe(0)
      },
    ),
  ))
