import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { decodeAnswer, messageLength } from './stun-message.ts'
import type { StunAnswer, StunRequest } from './stun-message.ts'

/** The address of a STUN or TURN server. RFC 7064, RFC 7065 */
export interface StunAddress {
  readonly isTurn: boolean
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly host: string
  readonly port: number
}

/** A connection to a STUN or TURN server. */
export interface StunLink {
  /** Sends a request; `undefined` when no answer comes in time. */
  ask(request: StunRequest): Promise<StunAnswer | undefined>
  close(): void
}

/** Parses an address of W15; `undefined` for anything else. */
export function parseStunAddress(url: string): StunAddress | undefined {
  const [, scheme, host = '', digits, transport] = ADDRESS.exec(url) ?? []
  if (scheme === undefined) return undefined
  const isTls = scheme.endsWith('s')
  return {
    isTurn: scheme.startsWith('turn'),
    transport: isTls ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp',
    host: host.replaceAll(/[[\]]/g, ''),
    port: digits === undefined ? (isTls ? 5349 : 3478) : Number(digits),
  }
}

/** Opens a link. Rejects when the server cannot be reached. */
export async function openStunLink(
  at: StunAddress,
  { timeoutMs, rejectUnauthorized = true }: { timeoutMs: number; rejectUnauthorized?: boolean },
): Promise<StunLink> {
  const waiting = new Map<string, (answer: StunAnswer) => void>()
  const receive = (bytes: Buffer): void => {
    const answer = decodeAnswer(bytes)
    if (answer !== undefined) waiting.get(answer.transaction)?.(answer)
  }
  const wire =
    at.transport === 'udp'
      ? openUdp(at, receive)
      : await openStream(at, { receive, timeoutMs, rejectUnauthorized })
  return {
    ask: ({ bytes, transaction }) =>
      new Promise((resolve) => {
        const finish = (answer?: StunAnswer): void => {
          for (const timer of timers) clearTimeout(timer)
          waiting.delete(transaction)
          resolve(answer)
        }
        waiting.set(transaction, finish)
        wire.send(bytes)
        // Datagrams get lost. RFC 8489 §6.2.1
        const again = at.transport === 'udp' ? [500, 1500] : []
        const timers = [
          ...again.map((ms) => setTimeout(() => wire.send(bytes), ms)),
          setTimeout(finish, timeoutMs),
        ]
      }),
    close: wire.close,
  }
}

interface Wire {
  readonly send: (bytes: Buffer) => void
  readonly close: () => void
}

function openUdp({ host, port }: StunAddress, receive: (bytes: Buffer) => void): Wire {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
  // No answer says the same as an error.
  socket.on('error', () => {}).on('message', receive)
  return {
    send: (bytes) => socket.send(bytes, port, host, () => {}),
    close: () => socket.close(),
  }
}

async function openStream(
  { transport, host, port }: StunAddress,
  {
    receive,
    timeoutMs,
    rejectUnauthorized,
  }: { receive: (bytes: Buffer) => void; timeoutMs: number; rejectUnauthorized: boolean },
): Promise<Wire> {
  const isTls = transport === 'tls'
  const socket: Socket = isTls
    ? connectTls({ host, port, rejectUnauthorized, servername: /[a-z]/i.test(host) ? host : '' })
    : connect({ host, port })
  let rest = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const length = messageLength(rest)
      if (length === undefined || rest.length < length) break
      receive(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    // A longer message than any answer: it is no STUN.
    if (rest.length > 65_555) socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), timeoutMs)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
  return { send: (bytes) => socket.write(bytes), close: () => socket.destroy() }
}

const ADDRESS =
  /^(stuns?|turns?):(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i
