import { ALL_FORMATS, BlobSource, Input } from 'mediabunny'
import { afterEach, expect, test } from 'vitest'
import { sealGrowingFile } from '@conclave/e2ee/files'
import {
  deleteStoredRecording,
  exportRecording,
  listStoredRecordings,
  openRecording,
  parseRecordingKey,
  playRecording,
  storedRecording,
  storeRecording,
} from '../src/index.ts'
import type { RecorderPage } from './pages/recorder.ts'
import { fileInMemory, newCall } from './call.ts'

afterEach(async () => {
  for (const name of await listStoredRecordings()) await deleteStoredRecording(name)
})

const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> => {
  const parts: Uint8Array<ArrayBuffer>[] = []
  await stream.pipeTo(new WritableStream({ write: (part) => void parts.push(part as never) }))
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

test('[Q15] the recording of a page that was killed opens up to where it was stored, and plays', async () => {
  const call = await newCall()
  const bob = await call.join('Bob', { media: false })
  const given = new Promise<string>((resolve) => {
    bob.on('recordingKeyGiven', ({ key }) => resolve(key))
  })
  const page = document.createElement('iframe')
  const recorder: NonNullable<RecorderPage['recorder']> = {
    ...{ hub: call.hub, link: call.link, name: 'crash', reader: bob.self.id },
    bytes: () => 0,
  }
  ;(globalThis as RecorderPage).recorder = recorder
  const script = new URL('./pages/recorder.ts', import.meta.url)
  page.srcdoc = `<!doctype html><script type="module" src="${script.href}"></script>`
  document.body.append(page)
  await expect.poll(() => recorder.bytes()).toBeGreaterThan(120_000)
  const key = parseRecordingKey(await given)
  // Nothing in the page runs from now on, and nothing was ended.
  page.remove()
  if (key === undefined) throw new Error('expected a key')
  expect(await listStoredRecordings()).toEqual(['crash'])

  const { stream, ended } = openRecording(await storedRecording('crash'), key)
  const content = await bytesOf(stream)
  expect(await ended).toEqual({ complete: false, size: content.length })
  // A crash takes the last segment: 2 s, or 1 MiB.
  expect(content.length).toBeGreaterThan(40_000)

  const file = fileInMemory()
  const end = await exportRecording(await storedRecording('crash'), key, file.target)
  expect(end).toEqual({ complete: false, size: content.length })
  const input = new Input({ source: new BlobSource(file.blob()), formats: ALL_FORMATS })
  expect(await input.computeDuration()).toBeGreaterThan(1)

  const video = document.createElement('video')
  video.muted = true
  document.body.append(video)
  const playback = playRecording(video, await storedRecording('crash'), key)
  await video.play()
  await expect.poll(() => video.currentTime).toBeGreaterThan(1)
  expect(await playback.ended).toEqual(end)
  playback.close()
  video.remove()
  await call.end()
})

test('[Q15] stored recordings have names, once each, and go when they are deleted', async () => {
  const target = await storeRecording('monday')
  await expect(storeRecording('monday')).rejects.toMatchObject({
    code: 'ERR_RECORDING_NAME',
    details: { name: 'monday' },
  })
  const content = crypto.getRandomValues(new Uint8Array(60_000))
  const { stream, ended } = sealGrowingFile(new Blob([content]).stream())
  await stream.pipeTo(target)
  const opened = openRecording(await storedRecording('monday'), await ended)
  expect(await bytesOf(opened.stream)).toEqual(content)
  expect(await opened.ended).toEqual({ complete: true, size: 60_000 })
  await deleteStoredRecording('monday')
  expect(await listStoredRecordings()).toEqual([])
  for (const missing of [storedRecording('monday'), deleteStoredRecording('monday')]) {
    await expect(missing).rejects.toMatchObject({ code: 'ERR_RECORDING_NAME' })
  }
  for (const name of ['', '../x', 'a/b', 'x'.repeat(65)]) {
    await expect(storeRecording(name)).rejects.toThrow(RangeError)
  }
  await expect(storedRecording(1 as never)).rejects.toThrow(TypeError)
})

test('[Q14] a file that does not open is neither played nor exported', async () => {
  const { stream, key } = sealGrowingFile(new Blob([new Uint8Array(40_000)]).stream())
  const sealed = await bytesOf(stream)
  const { key: other } = sealGrowingFile(new Blob([]).stream())
  const file = fileInMemory()
  await expect(exportRecording(sealed, other, file.target)).rejects.toMatchObject({
    code: 'ERR_E2EE_OPEN_FAILED',
  })
  expect(file.blob().size).toBe(0)
  // It opens, and is no media.
  await expect(exportRecording(sealed, key, fileInMemory().target)).rejects.toMatchObject({
    code: 'ERR_RECORDING_MEDIA',
  })
  const video = document.createElement('video')
  document.body.append(video)
  await expect(playRecording(video, sealed, other).ended).rejects.toMatchObject({
    code: 'ERR_E2EE_OPEN_FAILED',
  })
  await expect(playRecording(video, sealed, key).ended).rejects.toMatchObject({
    code: 'ERR_RECORDING_MEDIA',
  })
  // So is one that is empty.
  const empty = sealGrowingFile(new Blob([]).stream())
  const nothing = await bytesOf(empty.stream)
  await expect(playRecording(video, nothing, empty.key).ended).rejects.toMatchObject({
    code: 'ERR_RECORDING_MEDIA',
  })
  const closed = playRecording(video, sealed, key)
  closed.close()
  closed.close()
  await expect(closed.ended).rejects.toMatchObject({ name: 'AbortError' })
  video.remove()
})
