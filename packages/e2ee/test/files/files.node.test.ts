import { createReadStream, createWriteStream, openAsBlob } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  createFileOpener,
  MAX_FILE_CHUNKS,
  openFile,
  openFileRange,
  sealFile,
} from '@conclave/e2ee/files'
import type { FileDescription, ReadRange, SealedFile } from '@conclave/e2ee/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/files.json' with { type: 'json' }
import { bytesOf, counting, firstDifference, readUntilFailure } from './fixtures.ts'
import { startSealing } from '../../src/files/seal-file.ts'
import { SourceReader } from '../../src/files/source-reader.ts'
import { makeFileVectors } from '../reference/file-vectors.ts'

test('[F2, F3] the vectors equal the output of the reference', () => {
  expect(vectors).toEqual(JSON.parse(JSON.stringify(makeFileVectors())))
})

const toWeb = (stream: Readable): ReadableStream<Uint8Array> =>
  Readable.toWeb(stream) as NodeReadableStream as ReadableStream<Uint8Array>

describe('a file on a disk', () => {
  const content = counting(9, 3_000_000)
  let folder = ''
  let description: FileDescription
  const paths = (): { plain: string; sealed: string; opened: string } => ({
    plain: join(folder, 'plain.bin'),
    sealed: join(folder, 'sealed.bin'),
    opened: join(folder, 'opened.bin'),
  })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conclave-files-'))
    const { plain, sealed } = paths()
    await writeFile(plain, content)
    const sealing = sealFile(toWeb(createReadStream(plain)), { size: (await stat(plain)).size })
    await sealing.stream.pipeTo(Writable.toWeb(createWriteStream(sealed)))
    description = await sealing.description
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('[F2] a stream is sealed into another one and opened into a third', async () => {
    const { sealed, opened } = paths()
    expect((await stat(sealed)).size).toBe(description.sealedSize)
    await toWeb(createReadStream(sealed, { highWaterMark: 10_007 }))
      .pipeThrough(createFileOpener(description))
      .pipeTo(Writable.toWeb(createWriteStream(opened)))
    expect(firstDifference(await readFile(opened), content)).toBeUndefined()
  })

  test('[F11] parts are read out of it, by position or as a Blob', async () => {
    const { sealed } = paths()
    const handle = await open(sealed)
    const readRange: ReadRange = async (start, end) => {
      const bytes = new Uint8Array(end - start)
      const { bytesRead } = await handle.read(bytes, { position: start })
      return bytes.subarray(0, bytesRead)
    }
    try {
      for (const source of [readRange, await openAsBlob(sealed)]) {
        for (const [start, end] of [
          [0, 10],
          [65_530, 65_540],
          [1_000_000, 2_000_000],
          [2_999_999, 3_000_000],
        ] as const) {
          const part = await bytesOf(openFileRange(source, description, { start, end }))
          expect(firstDifference(part, content.slice(start, end))).toBeUndefined()
        }
      }
    } finally {
      await handle.close()
    }
  })

  test('[F11] parts are read through HTTP, and only they travel', async () => {
    const { sealed } = paths()
    const served: [number, number][] = []
    const server = createServer((request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      const [start, end] = [Number(from), Number(to)]
      served.push([start, end + 1])
      response.writeHead(206, { 'content-length': end + 1 - start })
      createReadStream(sealed, { start, end }).pipe(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const readRange: ReadRange = async (start, end, { signal }) => {
      const headers = { range: `bytes=${start}-${end - 1}` }
      const response = await fetch(url, { headers, signal })
      if (response.status !== 206 || response.body === null) throw new Error('no range')
      return response.body
    }
    try {
      const seek = { start: 1_500_000, end: 1_500_100 }
      const part = await bytesOf(openFileRange(readRange, description, seek))
      expect(firstDifference(part, content.slice(1_500_000, 1_500_100))).toBeUndefined()
      const at = 56 + 22 * (65_536 + 16)
      expect(served.toSorted(([a], [b]) => a - b)).toEqual([
        [at, at + 65_552],
        [description.sealedSize - 46 * 32, description.sealedSize],
      ])
      const end = await bytesOf(openFileRange(readRange, description, { start: 2_990_000 }))
      expect(firstDifference(end, content.slice(2_990_000))).toBeUndefined()
      // A reader that stops ends what is still on its way.
      const reader = openFileRange(readRange, description, { start: 100_000 }).getReader()
      expect((await reader.read()).value).toBeDefined()
      await reader.cancel()
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  test('[F4, F10] cut on the disk it fails after a true beginning', async () => {
    const { sealed, opened } = paths()
    await writeFile(opened, await readFile(sealed))
    await truncate(opened, 56 + 20 * 65_552)
    const source = toWeb(createReadStream(opened))
    const { released, code } = await readUntilFailure(openFile(source, description))
    expect(code).toBe('ERR_E2EE_OPEN_FAILED')
    expect(firstDifference(released, content.slice(0, released.length))).toBeUndefined()
  })
})

test('[F12] 256 MiB pass in little memory, through sealing and opening at once', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const [size, pieceBytes, sampleBytes] = [2 ** 28, 100_000, 2 ** 25]
  // The piece in which a byte lies says what it is.
  const byteAt = (at: number): number => ((at - (at % pieceBytes)) >> 16) & 255
  let generated = 0
  const sealing = (): SealedFile => {
    generated = 0
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (generated === size) return controller.close()
          const piece = new Uint8Array(Math.min(pieceBytes, size - generated))
          piece.fill(byteAt(generated))
          generated += piece.length
          controller.enqueue(piece)
        },
      },
      { highWaterMark: 0 },
    )
    // The description is there at the end; sealed again from the same parts, the bytes are the same.
    const secrets = { fileId: counting(1, 16), key: counting(2, 32) }
    const form = { chunkSize: 65_536, padded: false, name: undefined, type: undefined }
    return startSealing(new SourceReader(source), {
      ...{ parts: { ...secrets, ...form, size }, options: {}, maxChunks: MAX_FILE_CHUNKS },
    })
  }
  const first = sealing()
  await first.stream.pipeTo(new WritableStream())
  const opened = openFile(sealing().stream, await first.description)
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  let [passed, wrong, aheadBytes, peakBytes, sampled] = [0, 0, 0, 0, 0]
  for await (const chunk of opened as unknown as AsyncIterable<Uint8Array>) {
    if (chunk[0] !== byteAt(passed)) wrong += 1
    passed += chunk.length
    aheadBytes = Math.max(aheadBytes, generated - passed)
    if (passed < sampled + sampleBytes) continue
    sampled = passed
    // The engine frees memory beside the program, later on a busy machine: what is held stays held however often it looks.
    let heldBytes = Number.POSITIVE_INFINITY
    for (let look = 0; look < 50 && heldBytes >= 2 ** 25; look += 1) {
      collectGarbage()
      await setImmediate()
      heldBytes = Math.min(heldBytes, process.memoryUsage().arrayBuffers - before)
    }
    peakBytes = Math.max(peakBytes, heldBytes)
  }
  expect(passed).toBe(size)
  expect(wrong).toBe(0)
  // Two times four chunks of 64 KiB, those that are being filled, and a piece.
  expect(aheadBytes).toBeLessThan(2 ** 20)
  // Far from 256 MiB; the files' own part is a few hundred KiB.
  expect(peakBytes).toBeLessThan(2 ** 25)
})
