/** A file of some hundred megabytes from disk, in memory that does not grow with it. */
import { openAsBlob } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FileStand, nextTask } from './file-stand.ts'

const MB = 1e6
const SIZE = 300 * MB + 7

test('[R203] a file of 300 MB goes from disk to a writable in memory that does not grow with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-files-'))
  try {
    const path = join(folder, 'big.bin')
    const handle = await open(path, 'w')
    await handle.truncate(SIZE)
    await handle.write('the end', SIZE - 7)
    await handle.close()
    const stand = new FileStand()
    // Nothing is kept of what goes by.
    stand.seen.push = () => 0
    const content = await openAsBlob(path)
    const { out, in: offered } = await stand.offer(stand.side('A'), stand.side('B'), { content })
    let [got, most, end] = [0, 0, '']
    const before = process.memoryUsage().rss
    const to = new WritableStream<Uint8Array<ArrayBuffer>>({
      write(bytes) {
        got += bytes.length
        end = new TextDecoder().decode(bytes.subarray(-7))
        most = Math.max(most, process.memoryUsage().rss - before)
      },
    })
    const accepted = offered.accept({ to })
    await stand.run(Promise.all([accepted, out.done]))
    await nextTask()
    expect([got, end]).toEqual([SIZE, 'the end'])
    expect(most).toBeLessThan(250 * MB)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 180_000)
