/**
 * `npm run dev`: the app from its sources, reloaded as they change, and beside it a hub from its sources, restarted as
 * they change. One address serves both; `PORT` chooses its port. Nothing is built.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createPortFinder } from 'node:net'
import { join } from 'node:path'
import { createServer, type ViteDevServer } from 'vite'
import { HUB_PATH } from '../../packages/wire/src/protocol.ts'
import { root } from '../prepare.mjs'

const HOSTNAME = '127.0.0.1'
/** How often to ask whether the hub is ready. */
const ASK_MS = 50

const port = Number(process.env['PORT'] ?? 8080)
if (!Number.isInteger(port) || port < 1 || port > 65_535)
  fail(`PORT must be a number from 1 to 65535, but it is ${JSON.stringify(process.env['PORT'])}.`)
const hubPort = await findFreePort()
const app = await serveApp()
const hub = startHub()
// Vite listens too, and would end this process before the hub.
process.removeAllListeners('SIGTERM')
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
await hubAnswers()
console.log(`Conclave is ready for work: http://localhost:${port}`)
console.log(
  'The app reloads and the hub restarts when their sources change. Press Ctrl+C to stop both.',
)

async function serveApp(): Promise<ViteDevServer> {
  const folder = join(root, 'apps/meet')
  const target = `http://${HOSTNAME}:${hubPort}`
  const server = await createServer({
    root: folder,
    configFile: join(folder, 'vite.config.ts'),
    logLevel: 'warn',
    server: {
      host: HOSTNAME,
      port,
      strictPort: true,
      proxy: { [HUB_PATH]: { target, ws: true }, '/healthz': { target } },
    },
  })
  try {
    return await server.listen()
  } catch (error) {
    await server.close()
    return fail(`Port ${port} cannot be used (${String(error)}); set PORT to a free one.`)
  }
}

/** Told of the address that the browser sees, which is the only one from which it lets anybody in. */
function startHub(): ChildProcess {
  return spawn(
    process.execPath,
    [
      ...process.execArgv,
      ...['--watch', '--watch-preserve-output', '--conditions=@conclave/source'],
      join(root, 'packages/server/src/node/cli.ts'),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        PORT: String(hubPort),
        HOST: HOSTNAME,
        PUBLIC_ORIGIN: `http://localhost:${port},http://${HOSTNAME}:${port}`,
      },
    },
  )
}

async function hubAnswers(): Promise<void> {
  while (hub.exitCode === null) {
    try {
      const { ok } = await fetch(`http://${HOSTNAME}:${hubPort}/healthz`)
      if (ok) return
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, ASK_MS))
  }
  await app.close()
  fail('The hub ended; its message stands above.')
}

async function stop(): Promise<void> {
  const ended = hub.exitCode === null ? once(hub, 'exit') : undefined
  hub.kill()
  await Promise.all([ended, app.close()])
  process.exit(0)
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const finder = createPortFinder()
    finder.on('error', reject)
    finder.listen(0, HOSTNAME, () => {
      const address = finder.address()
      finder.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
