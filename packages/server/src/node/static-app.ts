import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ServerError } from '../errors.ts'
import { bundleFiles } from '../http/app-files.ts'
import type { AppFiles } from '../http/app-files.ts'

/** Whether a folder holds a built app. */
export function hasApp(folder: string | URL): boolean {
  return existsSync(join(toPath(folder), 'index.html'))
}

/**
 * The files of a built app, in memory. Leaves out files whose name begins with a dot.
 *
 * @throws ServerError `ERR_SERVER_APP`
 */
export function loadApp(folder: string | URL): AppFiles {
  const root = toPath(folder)
  if (!hasApp(root)) throw new ServerError('ERR_SERVER_APP', undefined)
  const contentByPath = new Map<string, Uint8Array>()
  let bytes = 0
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || entry.name.startsWith('.')) continue
    bytes += statSync(path).size
    if (bytes > MAX_APP_BYTES) {
      const message = 'the app is larger than 64 MiB'
      throw new ServerError('ERR_SERVER_APP', undefined, { message })
    }
    contentByPath.set(`/${relative(root, path).split(sep).join('/')}`, readFileSync(path))
  }
  return bundleFiles(contentByPath, digestText)
}

function digestText(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22)
}

function toPath(folder: string | URL): string {
  return typeof folder === 'string' ? folder : fileURLToPath(folder)
}

const MAX_APP_BYTES = 67_108_864
