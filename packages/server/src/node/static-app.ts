import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { ServerError } from '../errors.ts'
import { bundleFiles } from '../http/app-files.ts'
import type { AppFiles } from '../http/app-files.ts'
import { MAX_PAGE_DEPTH, PAGE, pageAt } from '../http/http-policy.ts'

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
  addPages(contentByPath)
  return bundleFiles(contentByPath, digestText)
}

/** Adds the page for addresses below the root: it names its files relative to itself. spec H35 */
function addPages(contentByPath: Map<string, Uint8Array>): void {
  const page = new TextDecoder().decode(contentByPath.get(PAGE))
  for (let depth = 1; depth <= MAX_PAGE_DEPTH; depth += 1) {
    const content = Buffer.from(page.replaceAll('="./', `="${'../'.repeat(depth)}`))
    const path = pageAt(depth)
    contentByPath.set(path, content)
    contentByPath.set(`${path}.br`, brotliCompressSync(content))
    contentByPath.set(`${path}.gz`, gzipSync(content))
  }
}

function digestText(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22)
}

function toPath(folder: string | URL): string {
  return typeof folder === 'string' ? folder : fileURLToPath(folder)
}

const MAX_APP_BYTES = 67_108_864
