/**
 * A real hub in a separate process, which serves the built app and can be killed as a machine would kill it. Every byte
 * that it receives and every line that it logs goes to files.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** How long a hub may take until it is ready. */
const START_TIMEOUT_MS = 15_000

/** How a hub is served. */
export interface HubOptions {
  /** The folder of the app. */
  readonly app?: string
  /** The origin that browsers see, where a proxy stands before the hub. */
  readonly origin?: string
  /** The path that the proxy leaves in the requests. */
  readonly basePath?: string
  /** The STUN and TURN servers that it names. */
  readonly iceServers?: readonly RTCIceServer[]
}

/** A hub of one test. */
export class Hub {
  readonly port: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'hub-'))
  #process: ChildProcess | undefined
  #runs = 0

  #options: Required<HubOptions>

  private constructor(port: number, options: HubOptions) {
    this.port = port
    const app = join(import.meta.dirname, '../dist')
    const origin = `http://localhost:${port}`
    this.#options = { app, origin, basePath: '/', iceServers: [], ...options }
  }

  /** Starts a hub on a free port; it serves the built app unless the options say otherwise. */
  static async start(options: HubOptions = {}): Promise<Hub> {
    const hub = new Hub(await findFreePort(), options)
    await hub.restart()
    return hub
  }

  /** Where browsers find it. */
  get origin(): string {
    return this.#options.origin
  }

  /** Everything that it received, connection by connection: requests as they came, and frames unmasked. */
  received(): Buffer {
    const files = readdirSync(this.#folder).filter((name) => name.endsWith('.bin'))
    return Buffer.concat(files.toSorted().map((name) => readFileSync(join(this.#folder, name))))
  }

  /** Everything that it logged or printed. */
  logged(): Buffer {
    return readFileSync(join(this.#folder, 'log.txt'))
  }

  /** Starts it again, on the same port and with the same app or another one. */
  async restart(app: string = this.#options.app): Promise<void> {
    const { origin, basePath, iceServers } = this.#options
    this.#options = { ...this.#options, app }
    const log = openSync(join(this.#folder, 'log.txt'), 'a')
    const child = spawn(
      process.execPath,
      [
        '--experimental-strip-types',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'hub-process.ts'),
        String(this.port),
        join(this.#folder, `run${this.#runs++}`),
        app,
        origin,
        basePath,
        JSON.stringify(iceServers),
      ],
      { stdio: ['ignore', 'pipe', log, 'ipc'] },
    )
    closeSync(log)
    this.#process = child
    const { stdout } = child
    if (stdout === null) throw new Error('unreachable: stdout is a pipe')
    const ready = (async () => {
      for await (const line of createInterface({ input: stdout })) if (line === 'ready') return
      throw new Error(`the hub ended before it was ready: ${this.logged().toString()}`)
    })()
    const late = AbortSignal.timeout(START_TIMEOUT_MS)
    await Promise.race([
      ready,
      once(late, 'abort').then(() => Promise.reject(new Error('the hub was not ready in time'))),
    ])
  }

  /** Kills it without a word to anybody. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Has it kill itself once somebody has left and it took so many messages to one participant since; resolves to its end. */
  async willDie(messages: number): Promise<{ readonly died: Promise<unknown> }> {
    const child = this.#process
    if (child === undefined) throw new Error('the hub does not run')
    const died = once(child, 'exit')
    child.send(messages)
    await once(child, 'message')
    return { died }
  }

  /** Has it stand still: its connections stay, and nothing on them is read or answered. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  /** Lets it go on. */
  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends it and forgets what it recorded. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    this.thaw()
    await ended
  }
}

/** A port on which nothing listens. */
export const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
