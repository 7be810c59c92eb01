/**
 * A vault in files, for Node. The only file of this package that imports Node's modules.
 *
 * @module
 */
import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkObject } from '@conclave/base'
import type { StoredBytes } from '@conclave/base'
import { guardStorage } from './storage.ts'
import type { VaultStorage } from './storage.ts'

/**
 * A storage in its own folder, which the first write makes. Each state is a file that never changes, named by a
 * number; the highest number is the current state. A hard link gives a file its number, so that of two processes that
 * write at the same time one wins. Needs a file system with hard links. A crash loses nothing that was stored. spec V24
 *
 * You must give every vault its own folder, and let nothing else write to it. Only their owner can read the files
 * (mode 0600).
 *
 * @throws TypeError for a folder without a path
 */
export function createFileStorage(options: { readonly folder: string }): VaultStorage {
  checkObject('options', options)
  const { folder } = options
  if (typeof folder !== 'string' || folder === '') {
    throw new TypeError('"folder" expected the path of a folder')
  }

  const readNumbers = async (): Promise<readonly number[]> => {
    const names = await readdir(folder).catch(absent)
    const numbers = names?.flatMap((name) => Number(NAME.exec(name)?.[1] ?? Number.NaN)) ?? []
    return numbers.filter((number) => Number.isSafeInteger(number)).sort((a, b) => b - a)
  }

  const readLatest = async (): Promise<(StoredBytes & { readonly number: number }) | undefined> => {
    for (let attempt = 0; attempt < MAX_READ_ATTEMPTS; attempt += 1) {
      const [number] = await readNumbers()
      if (number === undefined) return undefined
      // Removed, as others have written two states since: read again.
      const bytes = await readFile(join(folder, nameOf(number))).catch(absent)
      if (bytes !== undefined) return { number, bytes, version: versionOf(number, bytes) }
    }
    throw new Error('the files change faster than they can be read')
  }

  return guardStorage({
    read: async () => {
      const latest = await readLatest()
      return latest && { bytes: new Uint8Array(latest.bytes), version: latest.version }
    },
    write: async (bytes, expected) => {
      const latest = await readLatest()
      if (latest?.version !== expected) return undefined
      const number = (latest?.number ?? 0) + 1
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const temporary = join(folder, `.${randomUUID()}.tmp`)
      try {
        const file = await open(temporary, 'wx', 0o600)
        try {
          await file.writeFile(bytes)
          await file.sync()
        } finally {
          await file.close()
        }
        // Fails when the name is taken: of two writers one wins.
        if (!(await linkExclusively(temporary, join(folder, nameOf(number))))) return undefined
      } finally {
        await rm(temporary, { force: true })
      }
      const numbers = await readNumbers()
      if ((numbers[0] ?? number) >= number + KEPT_STATES) {
        // Others had written this number already, and removed its file.
        await rm(join(folder, nameOf(number)), { force: true })
        return undefined
      }
      await syncFolder(folder)
      for (const old of numbers.slice(KEPT_STATES)) {
        await rm(join(folder, nameOf(old)), { force: true })
      }
      return versionOf(number, bytes)
    },
    remove: async () => {
      // The latest last: a crash in between leaves it in place.
      for (const number of [...(await readNumbers())].reverse()) {
        await rm(join(folder, nameOf(number)), { force: true })
      }
    },
  })
}

async function linkExclusively(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Makes the new name itself durable, where the platform can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Windows cannot open folders.
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(codeOf(error))) throw error
  }
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

const codeOf = (error: unknown): string =>
  String((error as { readonly code?: unknown } | undefined)?.code)

const nameOf = (number: number): string => `vault-${String(number).padStart(16, '0')}`

/** With the digest, as `remove` starts the numbers again at the first and earlier writers must notice. */
const versionOf = (number: number, bytes: Uint8Array): string =>
  `${number}-${createHash('sha256').update(bytes).digest('hex')}`

const NAME = /^vault-(\d{16})$/

/** The latest, and the one before it for processes that are reading it. */
const KEPT_STATES = 2
const MAX_READ_ATTEMPTS = 16
