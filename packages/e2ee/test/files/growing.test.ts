import {
  encodeGrowingFileKey,
  openBytes,
  openGrowingFile,
  parseFileDescription,
  parseGrowingFileKey,
  sealBytes,
  sealGrowingFile,
} from '@conclave/e2ee/files'
import type { GrowingFileKey } from '@conclave/e2ee/files'
import { describe, expect, test } from 'vitest'
import { GrowingFileKey as Key } from '../../src/files/growing/growing-file-key.ts'
import { startGrowing } from '../../src/files/growing/seal-growing-file.ts'
import { SourceReader } from '../../src/files/source-reader.ts'
import { bytesOf, counting, firstDifference, readUntilFailure, streamOf } from './fixtures.ts'
import { failureOf } from '../fixtures.ts'

const C = 4096
const SEALED = C + 16
const HEADER = 56

interface Grown {
  readonly sealed: Uint8Array<ArrayBuffer>
  readonly key: GrowingFileKey
  readonly whole: GrowingFileKey
}

const grow = async (content: Uint8Array, pieces?: readonly number[]): Promise<Grown> => {
  const { stream, key, ended } = sealGrowingFile(streamOf(content, pieces), { chunkSize: C })
  return { sealed: await bytesOf(stream), key, whole: await ended }
}

const open = async (
  sealed: Uint8Array,
  key: GrowingFileKey,
  pieces?: readonly number[],
): Promise<{ readonly content: Uint8Array; readonly complete: boolean; readonly size: number }> => {
  const { stream, ended } = openGrowingFile(streamOf(sealed, pieces), key)
  return { content: await bytesOf(stream), ...(await ended) }
}

const join = (...parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> =>
  new Blob([...parts]).arrayBuffer().then((bytes) => new Uint8Array(bytes))

const chunkOf = (sealed: Uint8Array<ArrayBuffer>, index: number): Uint8Array<ArrayBuffer> =>
  sealed.slice(HEADER + index * SEALED, HEADER + (index + 1) * SEALED)

describe('a growing file', () => {
  test.each([0, 1, C - 1, C, C + 1, 3 * C, 3 * C + 77])(
    '[Q7, Q8, Q9] of %i bytes opens as it was sealed, however it is cut into pieces',
    async (size) => {
      const content = counting(size, size)
      const { sealed, key, whole } = await grow(content, [1000, 1, 5000])
      const chunks = Math.floor(size / C)
      expect(sealed.length).toBe(HEADER + chunks * SEALED + (size - chunks * C) + 16)
      expect([key.size, whole.size]).toEqual([undefined, size])
      for (const opener of [key, whole]) {
        const opened = await open(sealed, opener, [777, 3])
        expect(firstDifference(opened.content, content)).toBeUndefined()
        expect([opened.complete, opened.size]).toEqual([true, size])
      }
    },
  )

  test('[Q6] has its own key and id, which exist before it does', async () => {
    const first = sealGrowingFile(streamOf(counting(1, 10)))
    const second = sealGrowingFile(streamOf(counting(1, 10)))
    expect(first.key.fileId).not.toBe(second.key.fileId)
    const [one, two] = [encodeGrowingFileKey(first.key), encodeGrowingFileKey(second.key)]
    expect(one.key).not.toBe(two.key)
    expect((await open(await bytesOf(first.stream), first.key)).size).toBe(10)
  })

  test('[Q7] a chunk is sealed as soon as it is full, without waiting for what follows', async () => {
    let feed: ReadableStreamDefaultController<Uint8Array> | undefined
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => void (feed = controller),
    })
    const { stream, key } = sealGrowingFile(source, { chunkSize: C })
    const reader = stream.getReader()
    const header = (await reader.read()).value ?? new Uint8Array()
    feed?.enqueue(counting(5, C))
    const chunk = (await reader.read()).value ?? new Uint8Array()
    expect([header.length, chunk.length]).toEqual([HEADER, SEALED])
    const opened = await open(await join(header, chunk), key)
    expect(firstDifference(opened.content, counting(5, C))).toBeUndefined()
    expect(opened.complete).toBe(false)
    await reader.cancel()
  })

  test('[Q7] has a bound', async () => {
    const { key } = sealGrowingFile(streamOf(counting(1, 1)), { chunkSize: C })
    const given = { key, options: {}, maxChunks: 2 }
    const { stream, ended } = startGrowing(new SourceReader(counting(1, 2 * C)), given)
    expect((await readUntilFailure(stream)).code).toBe('ERR_E2EE_TOO_LARGE')
    expect(await failureOf(() => ended)).toMatchObject({ code: 'ERR_E2EE_TOO_LARGE' })
  })

  test('[Q8] that is cut off anywhere opens up to its last whole chunk, and says that it is not complete', async () => {
    const content = counting(9, 3 * C + 100)
    const { sealed, key, whole } = await grow(content)
    const cuts = [
      0,
      1,
      15,
      16,
      17,
      SEALED - 1,
      SEALED,
      SEALED + 1,
      2 * SEALED,
      3 * SEALED,
      3 * SEALED + 115,
    ]
    for (const cut of cuts) {
      for (const opener of [key, whole]) {
        const opened = await open(sealed.slice(0, HEADER + cut), opener)
        const chunks = Math.floor(cut / SEALED)
        expect([cut, opened.complete, opened.size]).toEqual([cut, false, chunks * C])
        expect(firstDifference(opened.content, content.slice(0, chunks * C))).toBeUndefined()
      }
    }
    // Something behind the end: it is no end then.
    const longer = await join(sealed, new Uint8Array(1))
    expect((await open(longer, key)).complete).toBe(false)
    const muchLonger = await join(sealed, new Uint8Array(SEALED))
    expect((await readUntilFailure(openGrowingFile(muchLonger, key).stream)).code).toBe(
      'ERR_E2EE_OPEN_FAILED',
    )
  })

  test('[Q8] does not open past chunks that were changed, exchanged, repeated, left out or brought in', async () => {
    const content = counting(9, 4 * C + 100)
    const [{ sealed, key }, other] = [await grow(content), await grow(content)]
    const [header, rest] = [sealed.slice(0, HEADER), sealed.slice(HEADER + 4 * SEALED)]
    const [a, b, c, d] = [0, 1, 2, 3].map((index) => chunkOf(sealed, index)) as [
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>,
    ]
    const flipped = b.slice()
    flipped[77] = (flipped[77] ?? 0) ^ 1
    const forgeries: Record<string, readonly Uint8Array<ArrayBuffer>[]> = {
      changed: [a, flipped, c, d, rest],
      exchanged: [a, c, b, d, rest],
      repeated: [a, a, b, c, d, rest],
      'left out': [a, c, d, rest],
      'brought in': [a, chunkOf(other.sealed, 1), c, d, rest],
      'an end in the middle': [a, rest, c, d, rest],
    }
    for (const [name, parts] of Object.entries(forgeries)) {
      const forged = await join(header, ...parts)
      const { stream, ended } = openGrowingFile(forged, key)
      const { released, code } = await readUntilFailure(stream)
      expect([name, code]).toEqual([name, 'ERR_E2EE_OPEN_FAILED'])
      expect([name, firstDifference(released, content.slice(0, C))]).toEqual([name, undefined])
      expect(await failureOf(() => ended)).toMatchObject({ code })
    }
    // An end of another file, or of another place, is none.
    for (const end of [other.sealed.slice(HEADER + 4 * SEALED), rest]) {
      const opened = await open(await join(header, a, end), key)
      expect([opened.complete, opened.size]).toEqual([false, C])
    }
  })

  test('[Q8] opens under its own key only, and nothing else opens as one', async () => {
    const { sealed, key } = await grow(counting(1, 100))
    const other = await grow(counting(1, 100))
    const code = async (bytes: Uint8Array, opener: GrowingFileKey): Promise<unknown> =>
      (await readUntilFailure(openGrowingFile(bytes, opener).stream)).code
    expect(await code(sealed, other.key)).toBe('ERR_E2EE_OPEN_FAILED')
    for (let at = 0; at < HEADER; at += 1) {
      const changed = sealed.slice()
      changed[at] = (changed[at] ?? 0) ^ 128
      expect(['ERR_E2EE_OPEN_FAILED', 'ERR_E2EE_MALFORMED']).toContain(await code(changed, key))
    }
    for (const short of [new Uint8Array(), sealed.slice(0, 55)]) {
      expect(await code(short, key)).toBe('ERR_E2EE_MALFORMED')
    }
    const file = await sealBytes(counting(1, 100))
    expect(await code(file.sealed, key)).toBe('ERR_E2EE_MALFORMED')
    await expect(openBytes(sealed, file.description)).rejects.toMatchObject({
      code: 'ERR_E2EE_MALFORMED',
    })
  })

  test('[Q9] that somebody else made under the same key is noticed by whoever has the digest', async () => {
    const { whole, key } = await grow(counting(1, 2 * C + 5))
    const options = { key, options: {}, maxChunks: 9 }
    for (const content of [counting(2, 2 * C + 5), counting(1, 2 * C + 4)]) {
      const made = await bytesOf(startGrowing(new SourceReader(content), options).stream)
      expect((await open(made, key)).complete).toBe(true)
      const { released, code } = await readUntilFailure(openGrowingFile(made, whole).stream)
      expect([code, released.length]).toEqual(['ERR_E2EE_OPEN_FAILED', 2 * C])
    }
  })

  test('[Q8] a source that fails, and a consumer that stops, end it', async () => {
    const { sealed, key } = await grow(counting(1, 3 * C))
    const broken = new Error('the disk is gone')
    const source = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(broken) })
    const { stream, ended } = sealGrowingFile(source)
    await expect(bytesOf(stream)).rejects.toBe(broken)
    await expect(ended).rejects.toBe(broken)
    const opened = openGrowingFile(streamOf(sealed, [100]), key)
    await opened.stream.cancel(broken)
    await expect(opened.ended).rejects.toBe(broken)
  })
})

describe('the key of a growing file', () => {
  test('[Q10] is text and back, and shows itself to nobody else', async () => {
    const { key, whole } = await grow(counting(1, 10))
    for (const one of [key, whole]) {
      const json = encodeGrowingFileKey(one)
      const parsed = parseGrowingFileKey(JSON.parse(JSON.stringify(json)))
      expect(parsed && encodeGrowingFileKey(parsed)).toEqual(json)
      expect(`${JSON.stringify(one)} ${String(one)}`).not.toContain(json.key)
      // A description of a whole file is another thing.
      expect(parseFileDescription(json)).toBe(undefined)
    }
    expect(JSON.stringify(encodeGrowingFileKey(whole)).length).toBeLessThan(512)
    expect(() => encodeGrowingFileKey({} as GrowingFileKey)).toThrow(TypeError)
  })

  test('[Q10] is parsed from nothing else, without an exception', async () => {
    const json = encodeGrowingFileKey((await grow(counting(1, 10))).whole)
    const { digest: _digest, ...withoutDigest } = json
    const { size: _size, ...withoutSize } = json
    const wrong: readonly unknown[] = [
      ...[undefined, null, 1, 'key', [], new Uint8Array(4), withoutDigest, withoutSize],
      ...[
        { ...json, file: 2 },
        { ...json, more: 1 },
        { ...json, key: `${json.key}A` },
      ],
      ...[
        { ...json, fileId: 'short' },
        { ...json, chunkSize: 5000 },
        { ...json, size: -1 },
      ],
      ...[
        { ...json, size: 2 ** 44 + 1 },
        { ...json, size: 1.5 },
        { ...json, digest: 'x' },
      ],
      Object.defineProperty({ ...json }, 'key', {
        enumerable: true,
        get: () => {
          throw new Error('trap')
        },
      }),
    ]
    for (const value of wrong) expect(parseGrowingFileKey(value)).toBe(undefined)
  })

  test('[Q10] is checked part by part', () => {
    const parts = {
      fileId: new Uint8Array(16),
      key: new Uint8Array(32),
      chunkSize: C,
      end: undefined,
    }
    expect(new Key(parts).chunkSize).toBe(C)
    expect(() => new Key({ ...parts, key: new Uint8Array(31) })).toThrow('"key"')
    expect(() => new Key({ ...parts, chunkSize: 5 })).toThrow('"chunkSize"')
    const end = { size: -1, digest: new Uint8Array(32) }
    expect(() => new Key({ ...parts, end })).toThrow('"size"')
    for (const chunkSize of [1, 5000, 2 ** 21]) {
      expect(() => sealGrowingFile(streamOf(counting(1, 1)), { chunkSize })).toThrow('"chunkSize"')
    }
  })
})
