/**
 * The contract of all drivers, as cases for any test runner.
 *
 * @module
 */
import type { Driver } from '../signalling/driver.ts'
import type { Namespace } from '../signalling/namespace.ts'

/** Makes drivers, and says what they can do. */
export interface DriverFactory<Endpoint extends Driver = Driver> {
  /** Connects two endpoints of one bus. */
  connect(): Promise<readonly [Endpoint, Endpoint]> | readonly [Endpoint, Endpoint]
  /** Ends the endpoints that `connect` made. */
  close(drivers: readonly [Endpoint, Endpoint]): Promise<void> | void
  /** Whether an endpoint hears its own messages. */
  readonly hearsItself: boolean
  /** How long a delivery may take, in milliseconds; 250 by default. */
  readonly patienceMs?: number
}

/** One case of the contract. */
export interface DriverCase {
  readonly title: string
  /** Rejects with a description of the fault. */
  run(): Promise<void>
}

/**
 * The cases of the driver contract. spec S1, S2
 *
 * @example
 * ```ts
 * for (const { title, run } of driverContract(factory)) test(title, run)
 * ```
 */
export function driverContract<Endpoint extends Driver>(
  factory: DriverFactory<Endpoint>,
): readonly DriverCase[] {
  const contract = (title: string, body: (bench: Bench) => Promise<void>): DriverCase => ({
    title,
    run: async () => {
      const drivers = await factory.connect()
      try {
        await body(new Bench(drivers, factory.patienceMs ?? 250))
      } finally {
        await factory.close(drivers)
      }
    },
  })
  return [
    contract('a message reaches the other endpoint unchanged', async (bench) => {
      const recorder = await bench.listen(1, ROOM)
      await bench.emit(0, ROOM, MESSAGE)
      await recorder.expect([MESSAGE])
    }),
    contract('a message stays in its namespace', async (bench) => {
      const others = [
        ['receiver', 'room'],
        ['sender', 'room', 'id'],
        ['sender', 'other'],
        ['sender', 'room:id'],
        ['sender'],
      ]
      const elsewhere = await Promise.all(others.map((namespace) => bench.listen(1, namespace)))
      const recorder = await bench.listen(1, ROOM)
      await bench.emit(0, ROOM, MESSAGE)
      await recorder.expect([MESSAGE])
      for (const other of elsewhere) await bench.expectNothingMore(other)
    }),
    contract('an element may hold any character', async (bench) => {
      const namespace = ['sender', 'a:b.c>d */#ü', '["x"]']
      const recorder = await bench.listen(1, namespace)
      await bench.emit(0, namespace, MESSAGE)
      await recorder.expect([MESSAGE])
    }),
    contract('no character joins or splits elements', async (bench) => {
      const joined = ['ab', 'a:b', 'a.b', 'a/b', 'a b', 'a,b', 'a|b', 'a","b']
      const elsewhere = await Promise.all(
        joined.map((element) => bench.listen(1, ['sender', element])),
      )
      const recorder = await bench.listen(1, ['sender', 'a', 'b'])
      await bench.emit(0, ['sender', 'a', 'b'], MESSAGE)
      await recorder.expect([MESSAGE])
      for (const other of elsewhere) await bench.expectNothingMore(other)
    }),
    contract('messages keep their order', async (bench) => {
      const recorder = await bench.listen(1, ROOM)
      const messages = Array.from({ length: 50 }, (_, index) => ({ type: 'sync', index }))
      for (const message of messages) await bench.emit(0, ROOM, message)
      await recorder.expect(messages)
    }),
    contract('each handler has a copy of its own', async (bench) => {
      const first = await bench.listen(1, ROOM, (message) => {
        Object.assign(message as object, { type: 'changed' })
      })
      const second = await bench.listen(0, ROOM)
      await bench.emit(0, ROOM, MESSAGE)
      await first.count(1)
      if (factory.hearsItself) await second.expect([MESSAGE])
    }),
    contract('a handler that was taken off hears nothing', async (bench) => {
      const recorder = await bench.listen(1, ROOM)
      const stays = await bench.listen(1, ROOM)
      await recorder.off()
      await bench.emit(0, ROOM, MESSAGE)
      await stays.expect([MESSAGE])
      await bench.expectNothingMore(recorder)
    }),
    contract('taking off a handler that was never on changes nothing', async (bench) => {
      await bench.drivers[1].off(ROOM, () => undefined)
    }),
    contract('both endpoints send and hear', async (bench) => {
      const one = await bench.listen(0, ['receiver', 'room'])
      const two = await bench.listen(1, ROOM)
      await bench.emit(0, ROOM, MESSAGE)
      await two.expect([MESSAGE])
      await bench.emit(1, ['receiver', 'room'], MESSAGE)
      await one.expect([MESSAGE])
    }),
    contract('an endpoint hears itself only if it says so', async (bench) => {
      const own = await bench.listen(0, ROOM)
      const other = await bench.listen(1, ROOM)
      await bench.emit(0, ROOM, MESSAGE)
      await other.expect([MESSAGE])
      if (factory.hearsItself) await own.expect([MESSAGE])
      else await bench.expectNothingMore(own)
    }),
  ]
}

/** Two endpoints of one bus. */
class Bench {
  readonly drivers: readonly [Driver, Driver]
  readonly #patienceMs: number

  constructor(drivers: readonly [Driver, Driver], patienceMs: number) {
    this.drivers = drivers
    this.#patienceMs = patienceMs
  }

  async emit(index: 0 | 1, namespace: Namespace, message: unknown): Promise<void> {
    await this.drivers[index].emit(namespace, message)
  }

  async listen(
    index: 0 | 1,
    namespace: Namespace,
    also: (message: unknown) => void = () => undefined,
  ): Promise<Recorder> {
    const recorder: Recorder = new Recorder({
      index,
      patienceMs: this.#patienceMs,
      also,
      off: async () => this.drivers[index].off(namespace, recorder.handler),
    })
    await this.drivers[index].on(namespace, recorder.handler)
    return recorder
  }

  /** Rejects if anything arrives before a message that the other endpoint emits now: earlier ones come first. spec S2 */
  async expectNothingMore(recorder: Recorder): Promise<void> {
    const last = await this.listen(recorder.index, LAST)
    await this.emit(recorder.index === 0 ? 1 : 0, LAST, MESSAGE)
    await last.expect([MESSAGE])
    await last.off()
    await recorder.expect([])
  }
}

interface RecorderOptions {
  /** The endpoint that listens. */
  readonly index: 0 | 1
  readonly patienceMs: number
  readonly also: (message: unknown) => void
  readonly off: () => Promise<void>
}

/** Records the messages that a handler hears. */
class Recorder {
  readonly index: 0 | 1
  readonly handler: (message: unknown) => void
  readonly off: () => Promise<void>
  readonly #patienceMs: number
  readonly #texts: string[] = []
  #wake: () => void = () => undefined

  constructor({ index, patienceMs, also, off }: RecorderOptions) {
    this.index = index
    this.off = off
    this.#patienceMs = patienceMs
    this.handler = (message) => {
      this.#texts.push(JSON.stringify(message))
      also(message)
      this.#wake()
    }
  }

  /** Waits until so many messages were heard. */
  async count(expected: number): Promise<void> {
    while (this.#texts.length < expected) await this.#wait(expected)
  }

  /** Waits for these messages, and rejects if others were heard. */
  async expect(messages: readonly unknown[]): Promise<void> {
    await this.count(messages.length)
    const expected = messages.map((message) => JSON.stringify(message))
    const heard = this.#texts.splice(0)
    if (JSON.stringify(heard) === JSON.stringify(expected)) return
    throw new Error(`expected ${expected.join() || 'nothing'}, heard ${heard.join()}`)
  }

  async #wait(expected: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`expected ${expected} messages, heard ${this.#texts.length}`)),
        this.#patienceMs,
      )
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

const ROOM = ['sender', 'room'] as const
const LAST = ['sender', 'room', 'the last message'] as const
const MESSAGE = { type: 'invoke', id: 'ä€😀"\\', nested: { list: [1, 0.5, null, true, ''] } }
