/**
 * `npm run bench -- files [gigabytes]`: a file on disk between two sessions of one process over a path in memory, into a writable that
 * counts: megabytes a second, and the most memory of the process, both ends together. 2 GB unless another size is given.
 *
 * @module
 */
import { openAsBlob } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printResult } from '../table.ts'
import { transfer } from './transfer.ts'

const GB = 1e9
const given = Number(process.argv[2])
const size = Math.round((given > 0 ? given : 2) * GB) + 12_345

const folder = await mkdtemp(join(tmpdir(), 'conclave-files-'))
try {
  const path = join(folder, 'big.bin')
  const handle = await open(path, 'w')
  await handle.truncate(size)
  await handle.write('the end', size - 7)
  await handle.close()
  const small = await measure(await openAsBlob(path), 20 * 1e6)
  const large = await measure(await openAsBlob(path), size)
  const rows = [
    { case: '20 MB', metric: 'speed', unit: 'MB/s', ours: small.speed, better: 'higher' as const },
    { case: '20 MB', metric: 'memory', unit: 'MB', ours: small.memory, better: 'lower' as const },
    {
      ...{ case: `${(size / GB).toFixed(1)} GB`, metric: 'speed', unit: 'MB/s' },
      ...{ ours: large.speed, better: 'higher' as const },
    },
    {
      ...{ case: `${(size / GB).toFixed(1)} GB`, metric: 'memory', unit: 'MB' },
      ...{ ours: large.memory, better: 'lower' as const },
    },
  ]
  printResult(
    'files',
    rows.map((row) => ({ ...row, peers: {}, spread: [row.ours, row.ours] as const })),
  )
} finally {
  await rm(folder, { recursive: true })
}

/** The memory of the whole process, sampled as the content comes. */
async function measure(file: Blob, most: number): Promise<{ speed: number; memory: number }> {
  const content = file.slice(0, most)
  let [got, memory] = [0, 0]
  const start = performance.now()
  const end = await transfer(
    content,
    new WritableStream({
      write(bytes) {
        got += bytes.length
        memory = Math.max(memory, process.memoryUsage().rss)
      },
    }),
  )
  if (end !== 'received' || got !== content.size) throw new Error(`expected all of it, got ${end}`)
  const seconds = (performance.now() - start) / 1000
  return { speed: got / 1e6 / seconds, memory: memory / 1e6 }
}
