import {
  AddedBytes,
  checkStorage,
  compareAndSwap,
  concatBytes,
  readRecord,
  StoredRecord,
} from '@conclave/base'
import type { RecordFormat, RecordOptions, RecordStorage, StoredBytes } from '@conclave/base'
import { describe, expect, test } from 'vitest'

/** A number in one byte. */
const FORMAT: RecordFormat<number> = {
  maxBytes: 1,
  empty: () => 0,
  encode: (state) => Uint8Array.of(state),
  decode: ([byte]) => (byte === 255 ? undefined : byte),
}

const OPTIONS: RecordOptions<number> = { format: FORMAT, failure: (reason) => new Error(reason) }

class TestStorage implements RecordStorage {
  stored: StoredBytes | undefined
  writes = 0
  /** Called before each write: what another page does meanwhile. */
  meanwhile: () => void = () => {}

  put(...bytes: readonly number[]): void {
    this.writes += 1
    this.stored = { bytes: Uint8Array.from(bytes), version: `${this.writes}` }
  }

  async read(): Promise<StoredBytes | undefined> {
    return this.stored
  }

  async write(bytes: Uint8Array, expected: string | undefined): Promise<string | undefined> {
    this.meanwhile()
    if (this.stored?.version !== expected) return undefined
    this.put(...bytes)
    return this.stored?.version
  }
}

const add =
  (count: number) =>
  (state: number): { state: number; result: string } => ({
    state: state + count,
    result: `was ${state}`,
  })

describe('a stored record', () => {
  test('lives in memory without a storage', async () => {
    const record = new StoredRecord(OPTIONS, undefined)
    expect(await record.read()).toBe(0)
    expect(await record.update(add(3))).toBe('was 0')
    expect(await record.update(add(4))).toBe('was 3')
    expect(await record.read()).toBe(7)
  })

  test('is read again for each change, so that pages build on each other', async () => {
    const storage = new TestStorage()
    const pages = [new StoredRecord(OPTIONS, storage), new StoredRecord(OPTIONS, storage)]
    await Promise.all(pages.flatMap((page) => [1, 2, 3].map((count) => page.update(add(count)))))
    expect(storage.stored?.bytes).toEqual(Uint8Array.of(12))
  })

  test('runs changes of one object in the order of the calls, also after one that failed', async () => {
    const record = new StoredRecord(OPTIONS, new TestStorage())
    const order: number[] = []
    const note = (at: number) => (state: number) => {
      order.push(at)
      if (at === 1) throw new Error('change')
      return { state: state + 1, result: at }
    }
    const results = await Promise.allSettled([0, 1, 2].map((at) => record.update(note(at))))
    expect(order).toEqual([0, 1, 2])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await record.read()).toBe(2)
  })

  test('refuses changes when 1,024 wait, and takes them again when those are done', async () => {
    const record = new StoredRecord(OPTIONS, new TestStorage())
    const changes = Array.from({ length: 1026 }, () => record.update(() => ({ result: 'done' })))
    const results = await Promise.allSettled(changes)
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused).toMatchObject([{ reason: { message: 'busy' } }])
    expect(results.at(-1)).toBe(refused[0])
    expect(await record.update(() => ({ result: 'done' }))).toBe('done')
  })

  test('writes nothing for a change without a state', async () => {
    const storage = new TestStorage()
    const record = new StoredRecord(OPTIONS, storage)
    expect(await record.update(() => ({ result: 'looked' }))).toBe('looked')
    expect(storage.writes).toBe(0)
  })

  test('applies a change again on top of what another page wrote meanwhile', async () => {
    const storage = new TestStorage()
    let left = 7
    storage.meanwhile = () => {
      if (left-- > 0) storage.put(10 * left)
    }
    expect(await new StoredRecord(OPTIONS, storage).update(add(1))).toBe('was 0')
    expect(storage.stored?.bytes).toEqual(Uint8Array.of(1))
  })

  test('gives up on a storage that keeps changing', async () => {
    const storage = new TestStorage()
    storage.meanwhile = () => storage.put(1)
    const record = new StoredRecord(OPTIONS, storage)
    await expect(record.update(add(1))).rejects.toThrow('conflict')
    expect(storage.writes).toBe(8)
  })

  test.each([[[]], [[255]], [[1, 2]]])('%j is damaged, and stays as it is', async (bytes) => {
    const storage = new TestStorage()
    storage.put(...bytes)
    const record = new StoredRecord(OPTIONS, storage)
    await expect(record.read()).rejects.toThrow('damaged')
    await expect(record.update(add(1))).rejects.toThrow('damaged')
    expect(storage.stored?.bytes).toEqual(Uint8Array.from(bytes))
  })

  test('anything but bytes in the storage is damaged', async () => {
    for (const bytes of [undefined, null, 'text', [1], new ArrayBuffer(1)]) {
      const storage: RecordStorage = {
        read: async () => ({ bytes: bytes as never, version: 'v' }),
        write: async () => undefined,
      }
      await expect(readRecord(storage, OPTIONS)).rejects.toThrow('damaged')
    }
  })

  test('passes on what the storage throws', async () => {
    const fails = async (): Promise<never> => {
      throw new Error('disk full')
    }
    const read: RecordStorage = { read: fails, write: fails }
    const write: RecordStorage = { read: async () => undefined, write: fails }
    await expect(new StoredRecord(OPTIONS, read).read()).rejects.toThrow('disk full')
    await expect(new StoredRecord(OPTIONS, write).update(add(1))).rejects.toThrow('disk full')
  })

  test('wants a storage with its methods', () => {
    const halves = [null, {}, 7, { read: async () => undefined }, { write: async () => undefined }]
    for (const storage of halves) {
      expect(() => checkStorage('storage', storage as never)).toThrow(TypeError)
      expect(() => new StoredRecord(OPTIONS, storage as never)).toThrow(
        '"storage" expected an object with read and write',
      )
    }
    expect(() => checkStorage('storage', new TestStorage())).not.toThrow()
  })
})

/** The sum of all bytes. */
const SUM: RecordFormat<number> = {
  maxBytes: 20_000,
  empty: () => 0,
  encode: (state) => Uint8Array.of(state),
  decode: (bytes) => bytes.reduce((sum, byte) => sum + byte),
}
const SUM_OPTIONS: RecordOptions<number> = { ...OPTIONS, format: SUM }

class AddingStorage extends TestStorage {
  reads = 0
  additions = 0

  override async read(): Promise<StoredBytes | undefined> {
    this.reads += 1
    return super.read()
  }

  async append(bytes: Uint8Array, expected?: string): Promise<string | undefined> {
    this.meanwhile()
    const { stored } = this
    if (stored === undefined || (expected !== undefined && stored.version !== expected))
      return undefined
    this.additions += 1
    this.put(...concatBytes(stored.bytes, bytes))
    return this.stored?.version
  }
}

/** A change that is added. */
const addEntry =
  (count: number) =>
  (state: number): { state: number; entry: Uint8Array<ArrayBuffer>; result: string } => ({
    ...add(count)(state),
    entry: Uint8Array.of(count),
  })

describe('a record that changes are added to', () => {
  test('is written whole once, then gets the differences, and is not read again', async () => {
    const storage = new AddingStorage()
    const record = new StoredRecord(SUM_OPTIONS, storage)
    for (const count of [1, 2, 3]) await record.update(addEntry(count))
    expect(storage.stored?.bytes).toEqual(Uint8Array.of(1, 2, 3))
    expect([storage.reads, storage.writes, storage.additions]).toEqual([1, 3, 2])
    expect(await new StoredRecord(SUM_OPTIONS, storage).update(addEntry(1))).toBe('was 6')
  })

  test('is read again when another page has changed it', async () => {
    const storage = new AddingStorage()
    const pages = [0, 1, 2].map(() => new StoredRecord(SUM_OPTIONS, storage))
    const changes = [1, 2, 3].flatMap((count) => pages.map((page) => page.update(addEntry(count))))
    const results = await Promise.all(changes)
    expect(new Set(results).size).toBe(9)
    expect(await pages[0]?.read()).toBe(18)
  })

  test('answers from what is stored, never from an old state', async () => {
    const storage = new AddingStorage()
    const [here, there] = [0, 1].map(() => new StoredRecord(SUM_OPTIONS, storage))
    await here?.update(addEntry(1))
    await there?.update(addEntry(5))
    expect(await here?.update((state) => ({ result: state }))).toBe(6)
  })

  test('is written whole again when what was added is as long as the rest', async () => {
    const storage = new AddingStorage()
    const record = new StoredRecord(SUM_OPTIONS, storage)
    let longest = 0
    for (let count = 0; count < 5000; count += 1) {
      await record.update(() => ({ ...addEntry(0)(0), result: '' }))
      longest = Math.max(longest, storage.stored?.bytes.length ?? 0)
    }
    expect(longest).toBe(4097)
    expect(storage.writes - storage.additions).toBe(2)
  })

  test('takes a change back that failed', async () => {
    const storage = new AddingStorage()
    const record = new StoredRecord(SUM_OPTIONS, storage)
    await record.update(addEntry(1))
    storage.meanwhile = () => {
      throw new Error('disk full')
    }
    await expect(record.update(addEntry(2))).rejects.toThrow('disk full')
    storage.meanwhile = () => {}
    expect(await record.update(addEntry(3))).toBe('was 1')
  })

  test('wants an append that is a function', () => {
    const storage = { append: true, read: () => {}, write: () => {} }
    expect(() => checkStorage('storage', storage as never)).toThrow('append')
  })

  test('is due to be written whole when twice as long', () => {
    const added = new AddedBytes()
    added.reset(10_000)
    expect([added.take(9000), added.take(1001), added.take(1000), added.take(1)]).toEqual([
      true,
      false,
      true,
      false,
    ])
    added.reset(10_000, 19_999)
    expect([added.take(1), added.take(1)]).toEqual([true, false])
  })
})

describe('compare and swap', () => {
  test('reloads between attempts, and returns the first result', async () => {
    const calls: string[] = []
    const result = await compareAndSwap({
      attempt: async () => {
        calls.push('attempt')
        return calls.length > 3 ? 'written' : undefined
      },
      reload: async () => calls.push('reload'),
      conflict: () => new Error('conflict'),
    })
    expect(result).toBe('written')
    expect(calls).toEqual(['attempt', 'reload', 'attempt', 'reload', 'attempt'])
  })

  test('ends with the given error after the given number of attempts', async () => {
    let attempts = 0
    const swapping = compareAndSwap({
      attempt: async () => void (attempts += 1),
      reload: async () => {},
      conflict: () => new RangeError('conflict'),
      maxAttempts: 16,
    })
    await expect(swapping).rejects.toThrow(RangeError)
    expect(attempts).toBe(16)
  })
})
