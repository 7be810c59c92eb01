/**
 * What every driver must do, as cases for any test runner.
 *
 * @module
 */
import type { Driver } from '../signalling/driver.ts'

/** How a driver is made and how it differs. */
export interface DriverFactory<Endpoint extends Driver = Driver> {
  /** Connects two endpoints of one bus. */
  connect(): Promise<readonly [Endpoint, Endpoint]> | readonly [Endpoint, Endpoint]
  /** Ends what `connect` made. */
  close(drivers: readonly [Endpoint, Endpoint]): Promise<void> | void
  /** Whether an endpoint hears what it emits itself. */
  readonly hearsItself: boolean
  /** How long a delivery may take, in milliseconds; nothing may arrive after it either. */
  readonly patienceMs?: number
}

/** One thing that a driver must do. */
export interface DriverCase {
  readonly title: string
  /** Rejects with what went wrong. */
  run(): Promise<void>
}

/**
 * The cases of the driver contract.
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
      const heard = await bench.listen(1, ROOM)
      await bench.emit(0, ROOM, MESSAGE)
      await heard.expect([MESSAGE])
    }),
    contract('a message stays in its namespace', async (bench) => {
      const others = [
        ['receiver', 'room'],
        ['sender', 'room', 'id'],
        ['sender', 'other'],
        ['sender', 'room:id'],
        ['sender'],
      ]
      const heards = await Promise.all(others.map((namespace) => bench.listen(1, namespace)))
      const heard = await bench.listen(1, ROOM)
      await bench.emit(0, ROOM, MESSAGE)
      await heard.expect([MESSAGE])
      for (const other of heards) await other.expectNothingMore()
    }),
    contract('an element may hold any character', async (bench) => {
      const namespace = ['sender', 'a:b.c>d */#ü', '["x"]']
      const heard = await bench.listen(1, namespace)
      await bench.emit(0, namespace, MESSAGE)
      await heard.expect([MESSAGE])
    }),
    contract('messages keep their order', async (bench) => {
      const heard = await bench.listen(1, ROOM)
      const messages = Array.from({ length: 50 }, (_, index) => ({ type: 'sync', index }))
      for (const message of messages) await bench.emit(0, ROOM, message)
      await heard.expect(messages)
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
      const heard = await bench.listen(1, ROOM)
      const stays = await bench.listen(1, ROOM)
      await heard.off()
      await bench.emit(0, ROOM, MESSAGE)
      await stays.expect([MESSAGE])
      await heard.expectNothingMore()
    }),
    contract('taking off what was never on changes nothing', async (bench) => {
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
      else await own.expectNothingMore()
    }),
  ]
}

class Bench {
  readonly drivers: readonly [Driver, Driver]
  readonly #patienceMs: number

  constructor(drivers: readonly [Driver, Driver], patienceMs: number) {
    this.drivers = drivers
    this.#patienceMs = patienceMs
  }

  async emit(index: 0 | 1, namespace: readonly string[], message: unknown): Promise<void> {
    await this.drivers[index].emit(namespace, message)
  }

  async listen(
    index: 0 | 1,
    namespace: readonly string[],
    also: (message: unknown) => void = () => undefined,
  ): Promise<Heard> {
    const heard = new Heard(this.#patienceMs, also, (handler) =>
      Promise.resolve(this.drivers[index].off(namespace, handler)),
    )
    await this.drivers[index].on(namespace, heard.handler)
    return heard
  }
}

class Heard {
  readonly handler: (message: unknown) => void
  readonly off: () => Promise<void>
  readonly #texts: string[] = []
  readonly #patienceMs: number
  #wake: () => void = () => undefined

  constructor(
    patienceMs: number,
    also: (message: unknown) => void,
    off: (handler: (message: unknown) => void) => Promise<void>,
  ) {
    this.#patienceMs = patienceMs
    this.handler = (message) => {
      this.#texts.push(JSON.stringify(message))
      also(message)
      this.#wake()
    }
    this.off = () => off(this.handler)
  }

  async count(expected: number): Promise<void> {
    while (this.#texts.length < expected) await this.#wait(expected)
  }

  async expect(messages: readonly unknown[]): Promise<void> {
    await this.count(messages.length)
    const expected = messages.map((message) => JSON.stringify(message))
    const heard = this.#texts.splice(0)
    if (JSON.stringify(heard) === JSON.stringify(expected)) return
    throw new Error(`expected ${expected.join()}, heard ${heard.join()}`)
  }

  async expectNothingMore(): Promise<void> {
    // Whatever comes, comes before a message that is emitted later; what is left is a grace for slow buses.
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (this.#texts.length > 0) throw new Error(`expected nothing, heard ${this.#texts.join()}`)
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
const MESSAGE = { type: 'invoke', id: 'ä€😀"\\', nested: { list: [1, 0.5, null, true, ''] } }
