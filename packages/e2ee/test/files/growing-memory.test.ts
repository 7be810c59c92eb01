import { sealGrowingFile } from '@conclave/e2ee/files'
import { expect, test } from 'vitest'

test('[Q7] sealing holds the same few chunks whatever the length, and reads no further while the storage waits', async () => {
  const [chunkSize, piece, total] = [16_384, 10_000, 48 * 2 ** 20]
  const counts = { read: 0, stored: 0, most: 0 }
  const bytes = new Uint8Array(piece)
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        counts.read += piece
        counts.most = Math.max(counts.most, counts.read - counts.stored)
        controller.enqueue(bytes)
        if (counts.read >= total) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const { stream, ended } = sealGrowingFile(source, { chunkSize })
  const target = new WritableStream<Uint8Array>({
    async write(chunk) {
      // A slow storage.
      await new Promise<void>((resolve) => queueMicrotask(resolve))
      counts.stored += chunk.length
    },
  })
  await stream.pipeTo(target)
  expect((await ended).size).toBe(counts.read)
  expect(counts.read).toBeGreaterThanOrEqual(total)
  expect(counts.most).toBeLessThan(8 * chunkSize)
})
