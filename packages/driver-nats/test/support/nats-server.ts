/** A real nats-server on loopback, for one test file. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findNatsServer } from '../../../../tools/install-servers.ts'

export interface NatsServerOptions {
  /** Further lines of its configuration. */
  readonly config?: string
  /** The port to listen on again, after an end. */
  readonly port?: number
}

/** A server that runs. */
export interface NatsServer {
  /** The address of its TCP listener. */
  readonly tcp: string
  /** The address of its WebSocket listener. */
  readonly web: string
  readonly port: number
  /** Ends it, as a crash would. Resolves when it has ended. */
  kill(): Promise<void>
}

/** Starts a server on free ports. Resolves when it is ready. */
export async function startNatsServer({
  config = '',
  port = -1,
}: NatsServerOptions = {}): Promise<NatsServer> {
  const program = findNatsServer()
  if (program === undefined)
    throw new Error('nats-server is missing: `npm run test:unit` installs it')
  const folder = mkdtempSync(join(tmpdir(), 'nats-'))
  const file = join(folder, 'server.conf')
  writeFileSync(
    file,
    `listen: "127.0.0.1:${port}"\nports_file_dir: "${folder}"\n` +
      `websocket { listen: "127.0.0.1:-1", no_tls: true }\n${config}\n`,
  )
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await untilReady(child)
  const ports = await readPorts(folder)
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...ports, kill }
}

const untilReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    if (child.stderr === null) return reject(new Error('no output'))
    const said: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      if (line.includes('Server is ready')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(said.join('\n'))))
  })

interface Ports {
  readonly tcp: string
  readonly web: string
  readonly port: number
}

const readPorts = async (folder: string): Promise<Ports> => {
  // It is written right after the server says that it is ready.
  for (;;) {
    const name = readdirSync(folder).find((entry) => entry.endsWith('.ports'))
    const text = name === undefined ? '' : readFileSync(join(folder, name), 'utf8')
    if (text.endsWith('}')) {
      const { nats, websocket } = JSON.parse(text) as Record<'nats' | 'websocket', string[]>
      const [tcp = '', web = ''] = [nats?.[0], websocket?.[0]]
      return { tcp, web, port: Number(new URL(tcp).port) }
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}
