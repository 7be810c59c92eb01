import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../src/node/cli.ts', import.meta.url))
const children: ChildProcess[] = []

/** Ends every command that a test started. */
export function killAll(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL')
}

/** A command that runs. */
export interface Run {
  readonly child: ChildProcess
  readonly output: { out: string; err: string }
  readonly exit: Promise<number | null>
  /** Resolves when something was printed that contains the text. */
  printed(text: string): Promise<void>
}

/** Runs the command `conclave-hub` from its sources. */
export function run(environment: Record<string, string>, args: readonly string[] = []): Run {
  const child = spawn(process.execPath, ['--conditions=@conclave/source', CLI, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()))
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const printed = async (text: string): Promise<void> => {
    while (!(output.out + output.err).includes(text)) {
      await Promise.race([
        once(child.stdout, 'data'),
        once(child.stderr, 'data'),
        exit.then(() => {
          throw new Error(`ended: ${output.err}`)
        }),
      ])
    }
  }
  return { child, output, exit, printed }
}

/** A port that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
