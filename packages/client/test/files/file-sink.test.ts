import { expect, test } from 'vitest'
import { memorySink, writableSink } from '../../src/files/file-sink.ts'
import { FileStand, blobOf, nextTask } from './file-stand.ts'

const MIB = 2 ** 20

const recorder = () => {
  const log: string[] = []
  const to = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (bytes) => void log.push(String(bytes.length)),
    close: () => void log.push('closed'),
    abort: (reason: unknown) => void log.push(`aborted: ${String(reason)}`),
  })
  return { log, to }
}

test('[R198, R203] a writable gets blocks of 256 KiB, and is closed only at the end', async () => {
  const { log, to } = recorder()
  const sink = writableSink(to)
  for (let count = 0; count < 10; count += 1) await sink.write(new Uint8Array(30_000))
  expect(log).toEqual(['270000'])
  expect(await sink.finish()).toBe(undefined)
  expect(log).toEqual(['270000', '30000', 'closed'])
})

test('[R198] a writable of a file that is not whole is aborted, with the reason', async () => {
  const { log, to } = recorder()
  const sink = writableSink(to)
  await sink.write(new Uint8Array(300_000))
  await sink.abort('cancelled')
  await sink.abort('again')
  expect(log).toEqual(['300000', 'aborted: cancelled'])
})

test('[R204] memory gives a blob of the type that was told', async () => {
  const sink = memorySink('text/plain')
  await sink.write(new TextEncoder().encode('one '))
  await sink.write(new TextEncoder().encode('two'))
  const blob = await sink.finish()
  expect([await blob?.text(), blob?.type]).toEqual(['one two', 'text/plain'])
})

test('[R204] more than 512 MiB does not go into memory, and the offer stays open', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const content = {
    size: 512 * MIB + 1,
    slice: () => blobOf(1),
    arrayBuffer: async () => new ArrayBuffer(),
  }
  const { in: offered } = await stand.offer(alice, bob, { content: content as unknown as Blob })
  await expect(offered.accept()).rejects.toMatchObject({ details: { reason: 'too-large' } })
  expect(offered.state).toBe('offered')
  const locked = new WritableStream()
  locked.getWriter()
  await expect(offered.accept({ to: locked })).rejects.toThrow(TypeError)
  await expect(offered.accept({ to: 'memory' as 'disk' })).rejects.toMatchObject({
    code: 'ERR_CLIENT_ARGUMENT',
  })
  expect(offered.state).toBe('offered')
  const accepted = offered.accept({ to: recorder().to }).catch((error: unknown) => error)
  await nextTask()
  expect(offered.state).toBe('active')
  offered.cancel()
  await accepted
})
