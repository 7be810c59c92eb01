/**
 * Other builds of the app than the one that the tests begin with.
 *
 * @module
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { strings } from '../src/ui/strings.ts'

const app = join(import.meta.dirname, '..')

/** The title of the lobby in {@link buildNext}. */
export const NEXT_TITLE = 'Ready to come in?'

/** Builds the app with another title of the lobby; resolves to the folder. */
export async function buildNext(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'meet-next-'))
  await build({
    root: app,
    configFile: join(app, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
    plugins: [
      {
        name: 'next',
        transform: (code, id) =>
          id.endsWith('/ui/strings.ts') ? code.replace(strings.lobby.title, NEXT_TITLE) : undefined,
      },
    ],
  })
  return outDir
}

/** A copy of the build that has no service worker. */
export function copyWithoutServiceWorker(): string {
  const folder = mkdtempSync(join(tmpdir(), 'meet-without-'))
  cpSync(join(app, 'dist'), folder, { recursive: true })
  for (const end of ['', '.br', '.gz', '.map'])
    rmSync(join(folder, `service-worker.js${end}`), { force: true })
  return folder
}
