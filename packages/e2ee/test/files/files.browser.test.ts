import {
  createFileOpener,
  openFile,
  openFileRange,
  sealBytes,
  sealFile,
} from '@conclave/e2ee/files'
import type { FileSource } from '@conclave/e2ee/files'
import { expect, test } from 'vitest'
import { bytesOf, counting, firstDifference } from './fixtures.ts'

const content = counting(5, 500_000)

test('[F2] a File of a page is sealed and opened; its name and type come along', async () => {
  const file = new File([content], 'picture.png', { type: 'image/png' })
  const { stream, description } = sealFile(file)
  const stored = await new Response(stream).blob()
  const known = await description
  expect(known).toMatchObject({ name: 'picture.png', type: 'image/png', sealedSize: stored.size })
  const opened = await bytesOf(openFile(stored, known))
  expect(firstDifference(opened, content)).toBeUndefined()
})

test('[F2, F11] a file of the page’s own storage is sealed into another one, of which a part is read', async () => {
  const root = await navigator.storage.getDirectory()
  const handle = await root.getFileHandle('sealed.bin', { create: true })
  try {
    const { stream, description } = sealFile(new Blob([content]))
    await stream.pipeTo(await handle.createWritable())
    const stored = await handle.getFile()
    const known = await description
    expect(stored.size).toBe(known.sealedSize)
    const part = openFileRange(stored, known, { start: 100_000, end: 300_000 })
    expect(firstDifference(await bytesOf(part), content.slice(100_000, 300_000))).toBeUndefined()
    const opened = await bytesOf(stored.stream().pipeThrough(createFileOpener(known)))
    expect(firstDifference(opened, content)).toBeUndefined()
  } finally {
    await root.removeEntry('sealed.bin')
  }
})

test('[F11] a part is read with fetch and Range', async () => {
  const { sealed, description } = await sealBytes(content)
  const url = URL.createObjectURL(new Blob([sealed]))
  const statuses: number[] = []
  const readRange = async (
    start: number,
    end: number,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<FileSource> => {
    const headers = { range: `bytes=${start}-${end - 1}` }
    const response = await fetch(url, { headers, signal })
    statuses.push(response.status)
    return response.body ?? new Uint8Array()
  }
  const stream = openFileRange(readRange, description, { start: 200_000, end: 200_010 })
  expect(await bytesOf(stream)).toEqual(content.slice(200_000, 200_010))
  expect(statuses).toEqual([206, 206])
  URL.revokeObjectURL(url)
})

test('[F2, F10] a sealed stream is transferred to a worker and opened from there', async () => {
  // What a page does to keep its own thread free: streams are transferred, the description is as plain JSON.
  const code = `onmessage = ({ data }) => postMessage(data, [data])`
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
  const { sealed, description: known } = await sealBytes(content)
  const stream = new Blob([sealed]).stream()
  const carried = new Promise<ReadableStream<Uint8Array>>((resolve) => {
    worker.addEventListener('message', ({ data }) => resolve(data as ReadableStream<Uint8Array>))
  })
  worker.postMessage(stream, [stream])
  const opened = await bytesOf(openFile(await carried, known))
  expect(firstDifference(opened, content)).toBeUndefined()
  worker.terminate()
})
