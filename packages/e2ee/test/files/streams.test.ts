import {
  createFileOpener,
  createFileSealer,
  openBytes,
  openFile,
  openFileRange,
  sealBytes,
  sealFile,
} from '@conclave/e2ee/files'
import type { FileProgress } from '@conclave/e2ee/files'
import { describe, expect, test } from 'vitest'
import { MAX_CHUNKS_AHEAD } from '../../src/files/ordered-stream.ts'
import {
  bytesOf,
  countedSource,
  counting,
  firstDifference,
  readUntilFailure,
  rejection,
  settle,
  streamOf,
} from './fixtures.ts'

const SMALL = { chunkSize: 4096 } as const
const content = counting(3, 20_000)

describe('memory', () => {
  const bytes = counting(0, 4096 * 40)

  test('[F12] sealing reads no further ahead of its consumer than the bound', async () => {
    expect(MAX_CHUNKS_AHEAD).toBe(4)
    const source = countedSource(bytes)
    const reader = sealFile(source.stream, SMALL).stream.getReader()
    await settle()
    expect(source.asked).toBe(0)
    for (let taken = 1; taken <= 20; taken += 1) {
      await reader.read()
      await settle()
      // The header is the first that is taken; one chunk is held back, one read to tell whether it is the last.
      expect(source.asked).toBeLessThanOrEqual(taken + MAX_CHUNKS_AHEAD + 1)
    }
    await reader.cancel()
  })

  test('[F12] opening reads no further ahead of its consumer than the bound', async () => {
    const { sealed, description } = await sealBytes(bytes, SMALL)
    const source = countedSource(sealed, 4112)
    const reader = openFile(source.stream, description).getReader()
    await settle()
    expect(source.asked).toBe(0)
    for (let taken = 1; taken <= 20; taken += 1) {
      await reader.read()
      await settle()
      expect(source.asked).toBeLessThanOrEqual(taken + MAX_CHUNKS_AHEAD + 1)
    }
    await reader.cancel()
  })

  test('[F12] a writer into the pair of streams waits for the reader', async () => {
    const { writable, readable } = createFileSealer(SMALL)
    const writer = writable.getWriter()
    let written = 0
    const writing = (async () => {
      for (; written < 40; written += 1) await writer.write(bytes.slice(0, 4096))
      await writer.close()
    })()
    await settle()
    expect(written).toBeLessThanOrEqual(2)
    const reader = readable.getReader()
    await reader.read()
    await settle()
    expect(written).toBeLessThanOrEqual(MAX_CHUNKS_AHEAD + 4)
    while (!(await reader.read()).done) continue
    await writing
    expect(written).toBe(40)
  })

  test('[F12] a chunk is returned as soon as the next byte shows that it is not the last', async () => {
    const { writable, readable } = createFileSealer(SMALL)
    const [writer, reader] = [writable.getWriter(), readable.getReader()]
    void writer.write(bytes.slice(0, 4097))
    expect((await reader.read()).value).toHaveLength(56)
    expect(
      (await rejection(Promise.race([reader.read(), settle().then(() => 'waits')]))) ?? '',
    ).toBe('nothing')
    void writer.write(bytes.slice(4097, 3 * 4096))
    expect((await reader.read()).value).toHaveLength(4112)
    await reader.cancel()
  })
})

describe('ending', () => {
  test('[F13] an abort ends the stream with its reason, and the source', async () => {
    const { sealed, description } = await sealBytes(content, SMALL)
    const reason = new Error('enough')
    for (const open of [true, false]) {
      const aborter = new AbortController()
      const options = { ...SMALL, signal: aborter.signal }
      const source = countedSource(open ? sealed : content, 4096)
      const sealing = open ? undefined : sealFile(source.stream, options)
      const stream = sealing?.stream ?? openFile(source.stream, description, options)
      const reader = stream.getReader()
      await reader.read()
      aborter.abort(reason)
      expect(await rejection(reader.read())).toBe(reason)
      expect(await rejection(reader.closed)).toBe(reason)
      expect(source.reason).toBe(reason)
      const asked = source.asked
      await settle()
      expect(source.asked).toBe(asked)
      expect(sealing === undefined ? reason : await rejection(sealing.description)).toBe(reason)
    }
  })

  test('[F13] an abort while the source is silent ends at once', async () => {
    const aborter = new AbortController()
    const { description } = await sealBytes(content)
    let reason: unknown
    const silent = new ReadableStream<Uint8Array>({ cancel: (given) => void (reason = given) })
    const reader = openFile(silent, description, { signal: aborter.signal }).getReader()
    const read = rejection(reader.read())
    await settle()
    aborter.abort()
    expect(await read).toMatchObject({ name: 'AbortError' })
    expect(reason).toBe(aborter.signal.reason)
  })

  test('[F13] an operation aborted before it begins reads nothing', async () => {
    const { sealed, description } = await sealBytes(content)
    const signal = AbortSignal.abort()
    const source = countedSource(sealed)
    const stream = openFile(source.stream, description, { signal })
    expect(await rejection(bytesOf(stream))).toMatchObject({ name: 'AbortError' })
    expect(source.asked).toBe(0)
    expect(await rejection(openBytes(sealed, description, { signal }))).toBe(signal.reason)
    const range = openFileRange(() => expect.unreachable(), description, { signal })
    expect(await rejection(bytesOf(range))).toBe(signal.reason)
  })

  test('[F13] a finished stream listens to the signal no more', async () => {
    const aborter = new AbortController()
    let listening = 0
    const signal = new Proxy(aborter.signal, {
      get: (target, name) => {
        if (name === 'addEventListener') listening += 1
        if (name === 'removeEventListener') listening -= 1
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const { stream } = sealFile(content, { ...SMALL, signal })
    expect(listening).toBeGreaterThan(0)
    await bytesOf(stream)
    expect(listening).toBeLessThanOrEqual(1)
  })

  test('[F13] a consumer that cancels ends the source, and the description', async () => {
    const source = countedSource(content)
    const { stream, description } = sealFile(source.stream, SMALL)
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel('no more')
    expect(source.reason).toBe('no more')
    expect(await rejection(description)).toBe('no more')
  })

  test('[F13] a source that fails ends the stream with its own error', async () => {
    const { sealed, description } = await sealBytes(content, SMALL)
    const lost = new Error('connection lost')
    const failing = (bytes: Uint8Array): ReadableStream<Uint8Array> => {
      let at = 0
      return new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (at > 10_000) return controller.error(lost)
          controller.enqueue(bytes.slice(at, at + 1000))
          at += 1000
        },
      })
    }
    expect(await rejection(bytesOf(openFile(failing(sealed), description)))).toBe(lost)
    expect(await rejection(openBytes(failing(sealed), description))).toBe(lost)
    const { stream, description: promised } = sealFile(failing(content), SMALL)
    expect(await rejection(bytesOf(stream))).toBe(lost)
    expect(await rejection(promised)).toBe(lost)
    const range = openFileRange(() => Promise.reject(lost), description, { start: 5000 })
    expect(await rejection(bytesOf(range))).toBe(lost)
  })

  test('[F13] a failure on the way ends the source and the writer of the pair', async () => {
    const { sealed, description } = await sealBytes(counting(0, 200_000), SMALL)
    sealed[5000] = (sealed[5000] ?? 0) ^ 1
    const source = countedSource(sealed, 1000)
    await readUntilFailure(openFile(source.stream, description))
    expect(source.reason).toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED' })
    const opener = createFileOpener(description)
    const piping = rejection(streamOf(sealed, [1000]).pipeTo(opener.writable))
    await readUntilFailure(opener.readable)
    expect(await piping).toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED' })
  })

  test('[F13] a source of another length than the given one fails', async () => {
    for (const size of [19_999, 20_001, 0, 4096, 100_000]) {
      const { stream } = sealFile(streamOf(content, [3000]), { ...SMALL, size })
      const error = await rejection(bytesOf(stream))
      expect(error).toBeInstanceOf(RangeError)
      expect(`${String(error)}`).toContain('"size"')
    }
    const { stream, description } = sealFile(streamOf(content), { ...SMALL, size: 20_000 })
    const sealed = await bytesOf(stream)
    expect(firstDifference(await openBytes(sealed, await description), content)).toBeUndefined()
  })

  test('[F13] a source of anything but bytes fails', async () => {
    const { description } = await sealBytes(content)
    for (const piece of ['text', 7, null, new ArrayBuffer(8), [1, 2], new Uint16Array(4)]) {
      const source = (): ReadableStream<Uint8Array> =>
        new ReadableStream({
          start: (controller) => controller.enqueue(piece as unknown as Uint8Array),
        })
      for (const stream of [sealFile(source()).stream, openFile(source(), description)]) {
        const error = await rejection(bytesOf(stream))
        expect(error).toBeInstanceOf(TypeError)
        expect(String(error)).toContain('"source"')
      }
    }
  })
})

describe('progress', () => {
  test('[F14] it counts the content, chunk by chunk, up to its size', async () => {
    const told: FileProgress[] = []
    const onProgress = (progress: FileProgress): void => void told.push(progress)
    const { sealed, description } = await sealBytes(content, { ...SMALL, onProgress })
    const steps = [0, 4096, 8192, 12_288, 16_384, 20_000]
    expect(told).toEqual(steps.map((bytes) => ({ bytes, total: 20_000 })))
    told.length = 0
    await bytesOf(sealFile(streamOf(content), { ...SMALL, onProgress }).stream)
    expect(told.map(({ bytes }) => bytes)).toEqual(steps)
    expect(told.at(-1)).toEqual({ bytes: 20_000, total: 20_000 })
    told.length = 0
    await openBytes(sealed, description, { onProgress })
    expect(told).toEqual(steps.slice(1).map((bytes) => ({ bytes, total: 20_000 })))
    told.length = 0
    const range = { start: 5000, end: 9000, onProgress }
    await bytesOf(openFileRange(new Blob([sealed]), description, range))
    expect(told).toEqual([
      { bytes: 3192, total: 4000 },
      { bytes: 4000, total: 4000 },
    ])
  })

  test('[F14] padding is no progress', async () => {
    const told: number[] = []
    const onProgress = ({ bytes }: FileProgress): void => void told.push(bytes)
    const bytes = counting(0, 131_073)
    const sealing = await sealBytes(bytes, { ...SMALL, padding: 'padme', onProgress })
    expect(Math.max(...told)).toBe(131_073)
    told.length = 0
    await openBytes(sealing.sealed, sealing.description, { onProgress })
    expect(Math.max(...told)).toBe(131_073)
    expect(told.toSorted((a, b) => a - b)).toEqual(told)
  })

  test('[F14] a listener that throws fails the stream, not the process', async () => {
    const oops = new Error('oops')
    const onProgress = (): void => {
      throw oops
    }
    const source = countedSource(content)
    expect(await rejection(bytesOf(sealFile(source.stream, { onProgress }).stream))).toBe(oops)
    expect(source.reason).toBe(oops)
  })
})

test('[F12] files without a stream, as those of jsdom, or a name, as those of happy-dom, are sealed and opened', async () => {
  const withoutStream = (blob: Blob): Blob => {
    const { size, type } = blob
    const slice = (from: number, to: number): Blob => withoutStream(blob.slice(from, to))
    return { size, type, slice, arrayBuffer: () => blob.arrayBuffer() } as unknown as Blob
  }
  const { stream, description } = sealFile(withoutStream(new Blob([content])), SMALL)
  const sealed = withoutStream(new Blob([await bytesOf(stream)]))
  expect(
    firstDifference(await bytesOf(openFile(sealed, await description)), content),
  ).toBeUndefined()
  const part = openFileRange(sealed, await description, { start: 5000, end: 9000 })
  expect(firstDifference(await bytesOf(part), content.subarray(5000, 9000))).toBeUndefined()
})
