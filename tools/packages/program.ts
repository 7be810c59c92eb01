/**
 * A program that runs until it is ended, such as a server: it is ready when it prints that it is.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** How long a program may take until it is ready; only a machine under heavy load comes near. */
const READY_TIMEOUT_MS = 30_000

/** A running program. */
export interface Program {
  /** The output so far. */
  output(): string
  /** Ends it with everything that it started. */
  stop(): Promise<void>
}

/** Runs a line of a shell and waits until the output contains `ready`. Rejects with the output when it ends before. */
export async function startProgram(
  line: string,
  {
    ready,
    cwd,
    env = {},
  }: {
    readonly ready: string
    readonly cwd: string
    readonly env?: Readonly<Record<string, string>>
  },
): Promise<Program> {
  // A separate process group, because the shell and npx do not pass signals on.
  const child = spawn(line, {
    ...{ cwd, shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'close')
  let output = ''
  const isReady = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes(ready)) resolve()
      })
    }
  })
  const stop = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  const late = once(AbortSignal.timeout(READY_TIMEOUT_MS), 'abort')
  const outcome = await Promise.race([
    isReady.then(() => 'is ready'),
    ended.then(() => 'ended'),
    late.then(() => 'was not ready in time'),
  ])
  if (outcome !== 'is ready') {
    await stop()
    throw new Error(`${line} ${outcome}: ${output.trim()}`)
  }
  return { stop, output: () => output.trim() }
}

/** A port on which nothing listens. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
