/**
 * 10,000 requests for guarded channels that a connection may not enter, half of them for one that exists, in random order over real WebSockets on
 * loopback. Fails if an answer differs by a byte, or the medians of the times by more than 5 %.
 *
 * `npm run bench -- probes [requests]`
 *
 * @module
 */
import { encodeBase64Url } from '@conclave/base'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { SignJWT } from 'jose'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { printResult } from '../table.ts'

const REQUESTS = Number(process.argv[2]) > 0 ? Number(process.argv[2]) : 10_000
/** As many as a connection has at once. spec G42 */
const PER_CONNECTION = 60
const MAX_DIFFERENCE = 0.05
const EXISTS = 'private-exists'
const ABSENT = 'private-absent'

const secret = crypto.getRandomValues(new Uint8Array(32))
const key = encodeBase64Url(secret)
const served = await serve({
  port: 0,
  hub: ({ port }) =>
    createHub({
      ...{ engine: createMemoryEngine(), origins: localOrigins(port) },
      apps: [{ id: 'shop', keys: [{ id: 'one', algorithm: 'HS256', key }] }],
      limits: { attemptsPerSecond: 10_000, attemptBurst: 10_000 },
    }),
})
const host = `localhost:${served.port}`

const bob = await connect('bob', EXISTS)
if (!(await bob.ask(1, EXISTS)).includes('subscribed')) throw new Error('bob was not let in')

const times: Record<string, number[]> = { [EXISTS]: [], [ABSENT]: [] }
const answers = new Set<string>()
for (let asked = -PER_CONNECTION; asked < REQUESTS;) {
  const mallory = await connect('mallory', 'private-mine')
  for (let at = 0; at < PER_CONNECTION && asked < REQUESTS; at += 1, asked += 1) {
    const channel = isHeads() ? EXISTS : ABSENT
    const startedMs = performance.now()
    const answer = await mallory.ask(7, channel)
    // The first connection warms up.
    if (asked < 0) continue
    times[channel]?.push(performance.now() - startedMs)
    answers.add(answer)
  }
  mallory.close()
}
bob.close()
await served.close()

const [exists, absent] = [medianOf(times[EXISTS] ?? []), medianOf(times[ABSENT] ?? [])]
const difference = Math.abs(exists - absent) / Math.min(exists, absent)
const row = (
  metric: string,
  unit: string,
  ours: number,
): Parameters<typeof printResult>[1][number] => ({
  ...{ case: 'denied', metric, unit, ours, peers: {}, better: 'lower' as const },
  spread: [ours, ours] as const,
})
printResult('probes', [
  row('requests', 'requests', REQUESTS),
  row('different answers', 'answers', answers.size),
  row('median for one that exists', 'ms', exists),
  row('median for one that does not', 'ms', absent),
  row('difference of the medians', '%', 100 * difference),
])
process.exit(answers.size === 1 && difference <= MAX_DIFFERENCE ? 0 : 1)

/** A connection with a capability for one channel, which it shows whatever it asks for. */
async function connect(user: string, name: string): Promise<Client> {
  const socket = new WebSocket(`ws://${host}/hub`, 'conclave.v1', { origin: `http://${host}` })
  const { nonce } = JSON.parse(await next(socket)) as { readonly nonce: string }
  const token = await new SignJWT({ cnx: nonce, ch: [{ name, rights: ['subscribe'] }] })
    .setProtectedHeader({ alg: 'HS256', kid: 'one', typ: 'conclave-capability+jwt' })
    .setAudience(host)
    .setIssuedAt()
    .setExpirationTime('1h')
    .setSubject(user)
    .setJti(user)
    .sign(secret)
  const wants = ['subscribe']
  return {
    ask: async (id, channel) => {
      const answer = next(socket)
      socket.send(JSON.stringify({ type: 'subscribe', id, channel, wants, token, info: '' }))
      return answer
    },
    close: () => socket.close(),
  }
}

function isHeads(): boolean {
  return crypto.getRandomValues(new Uint8Array(1)).every((byte) => byte < 128)
}

async function next(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer]
  return data.toString()
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN
}

/** One connection. */
interface Client {
  readonly ask: (id: number, channel: string) => Promise<string>
  readonly close: () => void
}
