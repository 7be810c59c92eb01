/**
 * A real coturn on loopback, for tests and benchmarks.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findTurnServer } from './install-servers.ts'

/** The secret that a server without a template takes. */
export const TURN_SECRET = 'shared with the relay'

/** A TURN server that lets in whoever shows credentials that have not run out. */
export interface TurnServer {
  readonly port: number
  /** Its address, with credentials that run out at a time in seconds since 1970. coturn, `use-auth-secret` */
  servers(
    expiry: number,
  ): { readonly urls: string; readonly username: string; readonly credential: string }[]
  /** Stands still, and with it all that goes through it, for a while. Resolves when it goes on. */
  stall(ms: number): Promise<void>
  /** Ends at once, with all that goes through it. Resolves when it takes connections again, on the same port. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Starts it on a free port. Resolves when it takes connections. A `template` stands for the lines that say whom it lets in and where. */
export async function startTurnServer({
  template = OPEN,
}: { readonly template?: string } = {}): Promise<TurnServer> {
  const program = findTurnServer()
  if (program === undefined)
    throw new Error('turnserver is missing: `npm run test:unit` installs it')
  const folder = mkdtempSync(join(tmpdir(), 'turn-'))
  const port = await freePort()
  const file = join(folder, 'turn.conf')
  writeFileSync(
    file,
    [
      ...['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', `listening-port=${port}`],
      ...[template, 'no-tls', 'no-dtls'],
      ...[
        `pidfile=${folder}/turn.pid`,
        `userdb=${folder}/turn.db`,
        'log-file=stdout',
        'simple-log',
      ],
    ].join('\n'),
  )
  const start = async (): Promise<ChildProcess> => {
    const started = spawn(program, ['-c', file], { stdio: 'ignore' })
    await untilListening(started, port)
    return started
  }
  let child = await start()
  return {
    port,
    servers(expiry) {
      const username = `${Math.floor(expiry)}:alice`
      const credential = createHmac('sha1', TURN_SECRET).update(username).digest('base64')
      return [{ urls: `turn:127.0.0.1:${port}?transport=udp`, username, credential }]
    },
    async stall(ms) {
      child.kill('SIGSTOP')
      await sleep(ms)
      child.kill('SIGCONT')
    },
    async restart() {
      await end(child, 'SIGKILL')
      child = await start()
    },
    async close() {
      child.kill('SIGCONT')
      await end(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  const ended = once(child, 'exit')
  if (child.kill(signal)) await ended
}

/** Resolves when it takes connections; it says nothing of it. */
const untilListening = async (child: ChildProcess, port: number): Promise<void> => {
  while (child.exitCode === null) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
  }
  throw new Error(`coturn ended with ${child.exitCode}`)
}

const OPEN = `use-auth-secret
static-auth-secret=${TURN_SECRET}
realm=conclave.test
allow-loopback-peers
no-cli
no-multicast-peers`
