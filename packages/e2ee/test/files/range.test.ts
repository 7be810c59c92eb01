import { openFileRange, sealBytes } from '@conclave/e2ee/files'
import type { ReadRange } from '@conclave/e2ee/files'
import { describe, expect, test } from 'vitest'
import { bytesOf, counting, readUntilFailure, rejection, settle } from './fixtures.ts'
import { failureOf } from '../fixtures.ts'

const SMALL = { chunkSize: 4096 } as const
const content = counting(3, 20_000)

describe('ranges', () => {
  test('[F11] all requests are under way together, and end with the stream', async () => {
    const { sealed, description } = await sealBytes(content, SMALL)
    const [asked, signals, ended]: [number[], AbortSignal[], unknown[]] = [[], [], []]
    const stream = openFileRange(
      (start, end, { signal }) => {
        asked.push(start)
        signals.push(signal)
        return new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(sealed.slice(start, Math.min(end, start + 60))),
          cancel: (reason) => void ended.push(reason),
        })
      },
      description,
      { start: 9000 },
    )
    expect(asked).toEqual([])
    const reader = stream.getReader()
    const read = rejection(reader.read())
    await settle()
    expect(asked.toSorted((a, b) => a - b)).toEqual([56 + 2 * 4112, sealed.length - 5 * 32])
    await reader.cancel('enough')
    await read
    await settle()
    expect(ended).toEqual(['enough', 'enough'])
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
  })

  test('[F11] a storage that answers with something else fails', async () => {
    const { sealed, description } = await sealBytes(content, SMALL)
    const answers: ((start: number, end: number) => Uint8Array)[] = [
      () => sealed,
      () => new Uint8Array(),
      (start, end) => sealed.slice(start, end - 1),
      (start, end) => sealed.slice(start, end + 1),
      (start, end) => sealed.slice(start - 4112, end - 4112),
      (start, end) => sealed.slice(start - 32, end - 32),
      (start, end) => sealed.slice(0, end - start),
      (start, end) => sealed.slice(0, 3 * 4112).slice(start, end),
    ]
    for (const answer of answers) {
      const stream = openFileRange(answer, description, { start: 13_000, end: 13_100 })
      const { released, code } = await readUntilFailure(stream)
      expect(['ERR_E2EE_OPEN_FAILED', 'ERR_E2EE_MALFORMED']).toContain(code)
      expect(released).toHaveLength(0)
    }
  })

  test('[F11] a truncated or exchanged file fails where a range needs missing bytes', async () => {
    const { sealed, description } = await sealBytes(content, SMALL)
    const other = await sealBytes(content, SMALL)
    const bytes = sealed.slice(0, 56 + 2 * 4112)
    // Its chunks are cut; the index is there.
    const cut: ReadRange = (start, end) =>
      end === sealed.length ? sealed.slice(start, end) : bytes.slice(start, end)
    const range = (source: Blob | ReadRange, start: number, end?: number): Promise<unknown> =>
      bytesOf(openFileRange(source, description, { start, ...(end !== undefined && { end }) }))
    // What tells its length is caught at once, whichever part is read.
    const told = await failureOf(range(new Blob([bytes]), 5000, 6000))
    expect(told).toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED' })
    expect(await range(cut, 5000, 6000)).toEqual(content.slice(5000, 6000))
    for (const [start, end] of [
      [5000, undefined],
      [8000, 8193],
      [19_999, 30_000],
    ]) {
      const error = await failureOf(range(cut, start ?? 0, end))
      expect(error).toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED' })
    }
    for (const [start, end] of [
      [0, 0],
      [5000, 6000],
      [0, 20_000],
    ]) {
      const error = await failureOf(range(new Blob([other.sealed]), start ?? 0, end))
      expect(error).toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED' })
    }
  })
})
