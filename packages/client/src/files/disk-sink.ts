/**
 * Files on disk, where a browser can write them: where the person says, or in the storage of the page. spec R204
 *
 * @module
 */
import { encodeBase64Url } from '@conclave/base'
import { generateTransferSecrets } from '@conclave/e2ee/files'
import { type FileSink, writableSink } from './file-sink.ts'

/** A sink on disk. */
export interface DiskSink extends FileSink {
  /** Removes the file from the storage of the page; leaves one alone that the person chose. Never rejects. */
  remove(): Promise<void>
}

/** Whether this platform can write files to disk. */
export function canWriteToDisk(): boolean {
  return pickerOf() !== undefined || storageOf() !== undefined
}

/**
 * Asks the person where the file goes, where the browser has such a dialog and was just clicked; else makes a file in the storage of the
 * page.
 *
 * @throws the browser's error: an `AbortError` when the person says no
 */
export async function openDiskSink(name: string): Promise<DiskSink | undefined> {
  const picker = pickerOf()
  if (picker !== undefined && isActive()) {
    const handle = await picker({ suggestedName: name })
    const sink = writableSink(await handle.createWritable())
    return { ...sink, remove: async () => {} }
  }
  const storage = storageOf()
  if (storage === undefined) return undefined
  const root = await storage.getDirectory()
  const folder = await root.getDirectoryHandle(FOLDER, { create: true })
  // No name from outside reaches the storage.
  const entry = encodeBase64Url(generateTransferSecrets().id)
  const handle = await folder.getFileHandle(entry, { create: true })
  const remove = async (): Promise<void> => folder.removeEntry(entry).catch(() => {})
  try {
    const sink = writableSink(await handle.createWritable(), () => handle.getFile())
    return { ...sink, remove, abort: (reason) => sink.abort(reason).then(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

interface SavePicker {
  (options: { readonly suggestedName: string }): Promise<FileSystemFileHandle>
}

const pickerOf = (): SavePicker | undefined => {
  const { showSaveFilePicker } = globalThis as { readonly showSaveFilePicker?: SavePicker }
  return typeof showSaveFilePicker === 'function' ? showSaveFilePicker.bind(globalThis) : undefined
}

const isActive = (): boolean => navigator.userActivation?.isActive === true

const storageOf = (): StorageManager | undefined => {
  const { navigator: page, FileSystemFileHandle: Handle } = globalThis as Partial<typeof globalThis>
  const canWrite = typeof Handle?.prototype.createWritable === 'function'
  return canWrite && typeof page?.storage?.getDirectory === 'function' ? page.storage : undefined
}

const FOLDER = 'conclave-files'
