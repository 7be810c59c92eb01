/**
 * Child processes of the tasks: their output is either shown at once or kept for later.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './prepare.mjs'

/** The end of a command; `output` has the output of both streams, in order, if it was kept. */
export interface CommandResult {
  readonly code: number
  readonly output: string
}

/** `show` prints at once what the command prints; `keep` returns it in the result. */
export interface CommandOptions {
  readonly print: 'show' | 'keep'
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs; the root of the repository unless it is given. */
  readonly cwd?: string
}

/** Runs a program and waits for its end; never throws for its exit code. */
export function runCommand(
  file: string,
  args: readonly string[],
  { print, env = {}, cwd = root }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      stdio: [
        'ignore',
        ...(print === 'show' ? (['inherit', 'inherit'] as const) : (['pipe', 'pipe'] as const)),
      ],
      env: { ...process.env, ...env },
    })
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }),
    )
  })
}

/** Runs the program of an installed package, on the Node that runs this. */
export function runPackage(
  script: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return runCommand(process.execPath, [join(root, 'node_modules', script), ...args], options)
}
