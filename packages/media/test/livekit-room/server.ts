/** A real LiveKit server on loopback, and tickets for its rooms. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SignJWT } from 'jose'
import { findLiveKitServer } from '../../../../tools/install-servers.ts'
import { freePort } from '../../../../tools/turn-server.ts'

const KEY = 'conclave'
const SECRET = 'a secret of this test, of 32 characters or more'

/** A server that runs. */
export interface LiveKitServer {
  readonly url: string
  /** Lets somebody into a room. */
  ticket(room: string, identity: string): Promise<string>
  close(): Promise<void>
}

/** Starts it. Resolves when it is ready. */
export async function startLiveKitServer(): Promise<LiveKitServer> {
  const program = findLiveKitServer()
  if (program === undefined) throw new Error('livekit-server is missing')
  const [port, tcp, udp] = await Promise.all([freePort(), freePort(), freePort()])
  const folder = mkdtempSync(join(tmpdir(), 'livekit-'))
  const file = join(folder, 'livekit.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      ...{ port, bind_addresses: ['127.0.0.1'], keys: { [KEY]: SECRET } },
      rtc: {
        ...{ node_ip: '127.0.0.1', use_external_ip: false, enable_loopback_candidate: true },
        ...{ udp_port: udp, tcp_port: tcp, stun_servers: [] },
        ...{ interfaces: { includes: ['lo'] }, ips: { includes: ['127.0.0.1/32'] } },
      },
      logging: { level: 'info', json: false },
    }),
  )
  const child = spawn(program, ['--config', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    const said: string[] = []
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        said.push(line)
        if (line.includes('starting LiveKit server')) resolve()
      })
    }
    child.once('error', reject)
    child.once('exit', () => reject(new Error(said.join('\n'))))
  })
  return {
    url: `ws://127.0.0.1:${port}`,
    ticket: (room, identity) =>
      new SignJWT({ video: { roomJoin: true, room, canPublish: true, canSubscribe: true } })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(KEY)
        .setSubject(identity)
        .setExpirationTime('10m')
        .sign(new TextEncoder().encode(SECRET)),
    async close() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
