/** Files of a page: real files, and the storage of the page. Chromium and Firefox. */
import { equalBytes } from '@conclave/base'
import { expect, test } from 'vitest'
import { canWriteToDisk } from '../../src/files/disk-sink.ts'
import { FileStand, contentOf } from './file-stand.ts'

const SIZE = 3_000_000

const stored = async (): Promise<number> => {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('conclave-files', { create: true })
  let count = 0
  // oxlint-disable-next-line no-unused-vars -- only their number counts
  for await (const _name of folder.keys()) count += 1
  return count
}

/** A file of the storage of the page, which is read from disk. */
const fileOnDisk = async (name: string): Promise<File> => {
  const root = await navigator.storage.getDirectory()
  const handle = await root.getFileHandle(name, { create: true })
  const writable = await handle.createWritable()
  await writable.write(contentOf(SIZE))
  await writable.close()
  return handle.getFile()
}

const offered = async (content: Blob) => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  return { stand, ...(await stand.offer(alice, bob, { content, type: 'image/png' })) }
}

test('[R204] a file on disk goes to the storage of the page, and is there until it is removed', async () => {
  expect(canWriteToDisk()).toBe(true)
  const { stand, out, in: incoming } = await offered(await fileOnDisk('source.bin'))
  const before = await stored()
  const accepted = incoming.accept({ to: 'disk' })
  await stand.run(Promise.all([accepted, out.done]))
  const file = await accepted
  expect(file?.size).toBe(SIZE)
  const bytes = new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer())
  expect(equalBytes(bytes, contentOf(SIZE))).toBe(true)
  expect(await stored()).toBe(before + 1)
  await incoming.remove()
  expect(await stored()).toBe(before)
})

test('[R198, R204] a file that is not whole leaves nothing in the storage of the page', async () => {
  const { stand, in: incoming } = await offered(new File([contentOf(SIZE)], 'a.bin'))
  const before = await stored()
  const accepted = incoming.accept({ to: 'disk' }).catch((error: unknown) => error)
  await stand.run(
    new Promise<void>((resolve) => {
      incoming.on('progress', ({ bytes }) => {
        if (bytes > SIZE / 4) resolve()
      })
    }),
  )
  incoming.cancel()
  expect(await accepted).toMatchObject({ details: { reason: 'cancelled' } })
  await expect.poll(stored).toBe(before)
})

test('[R205] a file that was changed on disk while it is sent ends the transfer', async () => {
  const { stand, out, in: incoming } = await offered(await fileOnDisk('changed.bin'))
  await fileOnDisk('changed.bin')
  const root = await navigator.storage.getDirectory()
  await root.removeEntry('changed.bin')
  const accepted = incoming.accept().catch((error: unknown) => error)
  await stand.run(Promise.all([accepted, out.done]))
  expect(await out.done).toEqual({ reason: 'unreadable', by: 'self' })
  expect(await accepted).toMatchObject({ details: { reason: 'unreadable' } })
})
