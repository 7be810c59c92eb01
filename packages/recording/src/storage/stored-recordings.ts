/**
 * Sealed recordings in the browser's own file system, written so that a page that crashes loses the last moments only. spec Q15
 *
 * @module
 */
import { checkString, systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { isRecordingError, RecordingError } from '../errors.ts'
import { SegmentSink } from './segment-sink.ts'

/**
 * A place on disk for a new recording, of this origin only: a folder of segments, each of which is safe once it is closed. Bytes wait for their
 * segment for 2 s or 1 MiB.
 *
 * @param name 1 to 64 letters, digits, `-` and `_`
 * @throws TypeError, RangeError that name the argument
 * @throws RecordingError `ERR_RECORDING_NAME` when it exists, `ERR_RECORDING_UNSUPPORTED` where the browser has no such place,
 *   `ERR_RECORDING_STORAGE`
 */
export async function storeRecording(
  name: string,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<WritableStream<Uint8Array<ArrayBuffer>>> {
  checkName(name)
  const parent = await folder()
  return named(name, async () => {
    if ((await namesIn(parent)).includes(name)) throw nameError(name)
    const own = await parent.getDirectoryHandle(name, { create: true })
    return new WritableStream(new SegmentSink(own, clock))
  })
}

/**
 * The sealed bytes of a stored recording, for `playRecording`, `exportRecording` and `openRecording`; also of one that is not complete.
 *
 * @throws as `storeRecording`; `ERR_RECORDING_NAME` when there is none
 */
export async function storedRecording(name: string): Promise<ReadableStream<Uint8Array>> {
  checkName(name)
  const parent = await folder()
  return named(name, async () => {
    const own = await parent.getDirectoryHandle(name)
    const segments = (await namesIn(own)).toSorted()
    const parts = async function* (): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
      for (const segment of segments) {
        const file = await (await own.getFileHandle(segment)).getFile()
        yield new Uint8Array(await file.arrayBuffer())
      }
    }
    return streamOf(parts())
  })
}

/**
 * The names of the stored recordings of this origin.
 *
 * @throws RecordingError `ERR_RECORDING_UNSUPPORTED`, `ERR_RECORDING_STORAGE`
 */
export async function listStoredRecordings(): Promise<readonly string[]> {
  const parent = await folder()
  return named('', async () => (await namesIn(parent)).toSorted())
}

/**
 * Deletes a stored recording.
 *
 * @throws as `storedRecording`
 */
export async function deleteStoredRecording(name: string): Promise<void> {
  checkName(name)
  const parent = await folder()
  await named(name, () => parent.removeEntry(name, { recursive: true }))
}

const folder = async (): Promise<FileSystemDirectoryHandle> => {
  const storage = (globalThis.navigator as Partial<Navigator> | undefined)?.storage
  if (typeof storage?.getDirectory !== 'function') {
    throw new RecordingError('ERR_RECORDING_UNSUPPORTED', { missing: ['OPFS'] })
  }
  return named('', async () =>
    (await storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true }),
  )
}

const namesIn = async (place: FileSystemDirectoryHandle): Promise<readonly string[]> => {
  const names: string[] = []
  for await (const name of place.keys()) names.push(name)
  return names
}

const named = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run()
  } catch (cause) {
    if (isRecordingError(cause)) throw cause
    if ((cause as Partial<Error> | null)?.name === 'NotFoundError' && name !== '')
      throw nameError(name)
    throw new RecordingError('ERR_RECORDING_STORAGE', undefined, { cause })
  }
}

const streamOf = (
  parts: AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>,
): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let next = await parts.next()
        // A segment that was being written when the page ended.
        while (next.done !== true && next.value.length === 0) next = await parts.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
      cancel: () => void parts.return(),
    },
    { highWaterMark: 0 },
  )

const checkName = (name: unknown): void => {
  checkString('name', name)
  if (!/^[\w-]{1,64}$/.test(String(name))) {
    throw new RangeError('"name" expected 1 to 64 letters, digits, - and _')
  }
}

const nameError = (name: string): RecordingError =>
  new RecordingError('ERR_RECORDING_NAME', { name })

const FOLDER = 'conclave-recordings'
