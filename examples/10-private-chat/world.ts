/** Everything that runs: the bundled page, and your server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions } from 'vite'
import { Chats } from './chats.ts'
import { type Running, startServer } from './server.ts'

export async function startWorld({ port = 0 }: { readonly port?: number } = {}): Promise<
  Running & { readonly chats: Chats }
> {
  const pageFolder = mkdtempSync(join(tmpdir(), 'private-chat-'))
  await build({
    ...{ configFile: false, root: fileURLToPath(new URL('page', import.meta.url)) },
    // Without `conditions` in your own application: this repository runs from its sources.
    ...{
      logLevel: 'error',
      resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    },
    build: { outDir: pageFolder, emptyOutDir: true },
  })
  const chats = new Chats()
  chats.create('42', ['alice', 'bob'])
  const running = await startServer({ chats, port, pageFolder })
  return {
    ...running,
    chats,
    async close() {
      await running.close()
      rmSync(pageFolder, { recursive: true, force: true })
    },
  }
}
