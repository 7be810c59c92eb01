/**
 * The servers, and how a client of each is in the group, publishes, and counts.
 *
 * @module
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeBase64Url } from '@conclave/base'
import { type TestRoom, createTestSession, randomMessage } from '@conclave/server/testing'
import { decodeServerMessage, encodeDataFrame, encodeMessage } from '@conclave/wire'
import { findNatsServer } from '../../tools/install-servers.ts'
import { type Client, clientFrame, connect } from './client.ts'

/** A server that runs. */
export interface RunningServer {
  readonly pid: number
  readonly port: number
  stop(): void
}

/** A server by its name in the table. */
export interface Contestant {
  readonly name: string
  start(): Promise<RunningServer>
  /** A client that gets what others publish; our hub asks for a room. */
  enter(port: number, room: TestRoom): Promise<Client>
  /** The bytes that publish one message of the payload, as this client. */
  publish(client: Client, payload: Buffer): Buffer
  /** How many deliveries a message that came is. */
  deliveries(data: Buffer, isBinary: boolean): number
}

const channels = new WeakMap<Client, number>()

const hub: Contestant = {
  name: 'ours',
  start: () => startScript('hub'),
  async enter(port, room) {
    const client = await connect(`ws://127.0.0.1:${port}/hub`, 'conclave.v1')
    const nonce = await client.first((data) => {
      const message = decodeServerMessage(new Uint8Array(data))
      return message?.type === 'challenge' ? decodeBase64Url(message.nonce) : undefined
    })
    const session = await createTestSession()
    const joined = client.first((data) => {
      const message = decodeServerMessage(new Uint8Array(data))
      return message?.type === 'joined' ? message.channel : undefined
    })
    const join = await room.join({ nonce, host: `127.0.0.1:${port}`, session })
    client.socket.send(encodeMessage(join))
    channels.set(client, await joined)
    return client
  },
  publish(client, payload) {
    const channel = channels.get(client) ?? 0
    const id = randomMessage()
    return clientFrame(
      Buffer.from(encodeDataFrame({ type: 'publish', channel, id, to: undefined, payload })),
    )
  },
  // A frame that confirms a message has no payload.
  deliveries: (data, isBinary) => (isBinary && data.length > 100 ? 1 : 0),
}

const wsLoop: Contestant = {
  name: 'ws loop',
  start: () => startScript('ws-loop'),
  enter: (port) => connect(`ws://127.0.0.1:${port}/`),
  publish: (_client, payload) => clientFrame(payload),
  deliveries: () => 1,
}

const socketIo: Contestant = {
  name: 'socket.io',
  start: () => startScript('socket-io'),
  async enter(port) {
    const client = await connect(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
    const { socket } = client
    socket.on('message', (data: Buffer) => {
      if (data.length === 1 && data.toString() === '2') socket.send('3')
    })
    await client.first((data) => (data.toString().startsWith('0') ? true : undefined))
    const connected = client.first((data) => (data.toString().startsWith('40') ? true : undefined))
    socket.send('40')
    await connected
    return client
  },
  publish: (_client, payload) =>
    Buffer.concat([
      clientFrame('451-["message",{"_placeholder":true,"num":0}]'),
      clientFrame(payload),
    ]),
  deliveries: (_data, isBinary) => (isBinary ? 1 : 0),
}

const nats: Contestant = {
  name: 'nats',
  start: startNats,
  async enter(port) {
    const client = await connect(`ws://127.0.0.1:${port}/`)
    const { socket } = client
    const ready = client.first((data) => (data.includes('PONG') ? true : undefined))
    socket.send('CONNECT {"verbose":false,"echo":false}\r\nSUB room 1\r\nPING\r\n')
    await ready
    socket.on('message', (data: Buffer) => {
      if (data.length < 16 && data.includes('PING')) socket.send('PONG\r\n')
    })
    return client
  },
  publish: (_client, payload) =>
    clientFrame(
      Buffer.concat([Buffer.from(`PUB room ${payload.length}\r\n`), payload, Buffer.from('\r\n')]),
    ),
  // The payload has no such byte, so that this counts messages whatever the pieces are in which they come.
  deliveries: (data) => {
    let count = 0
    for (let at = data.indexOf('M'); at >= 0; at = data.indexOf('M', at + 1)) count += 1
    return count
  },
}

/** All of them, ours first. */
export const contestants: readonly Contestant[] = [hub, wsLoop, socketIo, nats]

/** CPU that a process has used, in microseconds, all threads. */
export function cpuUs(pid: number): number {
  return globSync(`/proc/${pid}/task/*/schedstat`)
    .map((file) => Number(readFileSync(file, 'utf8').split(' ')[0]) / 1000)
    .reduce((sum, us) => sum + us, 0)
}

/** The memory of a process, in kilobytes. */
export function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

async function startScript(name: string): Promise<RunningServer> {
  const script = fork(join(import.meta.dirname, 'servers', `${name}.ts`))
  const port = await new Promise<number>((resolve, reject) => {
    script.once('message', (told) => resolve(Number(told)))
    script.once('exit', () => reject(new Error(`${name} ended`)))
  })
  return { pid: pidOf(script), port, stop: () => void script.kill() }
}

async function startNats(): Promise<RunningServer> {
  const executable = findNatsServer()
  if (executable === undefined) throw new Error('nats-server is not installed: run npm test once')
  const folder = mkdtempSync(join(tmpdir(), 'bench-fanout-'))
  const config = join(folder, 'nats.conf')
  writeFileSync(
    config,
    'listen: "127.0.0.1:-1"\nwebsocket { listen: "127.0.0.1:-1", no_tls: true }\n' +
      `ports_file_dir: "${folder}"\n`,
  )
  const server = spawn(executable, ['-c', config], { stdio: 'ignore' })
  const pid = pidOf(server)
  const file = join(folder, `nats-server_${pid}.ports`)
  for (let tries = 0; tries < 100; tries += 1) {
    await sleep(50)
    const ports = readPorts(file)
    if (ports !== undefined) {
      const stop = (): void => {
        server.kill()
        rmSync(folder, { recursive: true })
      }
      return { pid, port: ports, stop }
    }
  }
  throw new Error('nats-server told no port')
}

function readPorts(file: string): number | undefined {
  try {
    const told: { readonly websocket?: readonly string[] } = JSON.parse(readFileSync(file, 'utf8'))
    const [address] = told.websocket ?? []
    return address === undefined ? undefined : Number(new URL(address).port)
  } catch {
    return undefined
  }
}

const pidOf = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error('a server did not start')
  return pid
}
