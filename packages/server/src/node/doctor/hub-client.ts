/**
 * A participant as the doctor plays one: it joins a room that it makes up, says nothing, and leaves.
 *
 * @module
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { deriveParticipantIdBytes, deriveRoomIdBytes } from '@conclave/crypto/verify'
import {
  bytesToParticipantId,
  bytesToRoomId,
  decodeServerMessage,
  encodeAccessProof,
  encodeMessage,
  encodeSessionProof,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
} from '@conclave/wire'
import type { JoinMessage, ServerMessage } from '@conclave/wire'
import { WebSocket } from 'ws'

/** The way in which an attempt to connect ended. */
export type UpgradeResult =
  | { readonly type: 'open'; readonly socket: WebSocket; readonly next: NextMessage }
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'failed' }

/** The next control message of the hub; `undefined` when none comes, or something else. */
export type NextMessage = () => Promise<ServerMessage | undefined>

/** Tries an upgrade as a page of `origin` would. */
export function upgrade(
  url: URL,
  {
    origin,
    host,
    timeoutMs,
  }: { readonly origin: string; readonly host?: string; readonly timeoutMs: number },
): Promise<UpgradeResult> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, [SUBPROTOCOL], {
      origin,
      handshakeTimeout: timeoutMs,
      maxPayload: 65_536,
      rejectUnauthorized: false,
      headers: host === undefined ? {} : { host },
    })
    const next = collect(socket, timeoutMs)
    socket.on('unexpected-response', (_request, response) => {
      response.destroy()
      resolve({ type: 'status', status: response.statusCode ?? 0 })
    })
    socket.on('open', () => resolve({ type: 'open', socket, next }))
    socket.on('error', () => resolve({ type: 'failed' }))
  })
}

function collect(socket: WebSocket, timeoutMs: number): NextMessage {
  const messages: (ServerMessage | undefined)[] = []
  const waiting: ((message: ServerMessage | undefined) => void)[] = []
  const put = (message: ServerMessage | undefined): void => {
    const resolve = waiting.shift()
    if (resolve !== undefined) resolve(message)
    else if (messages.length < 16) messages.push(message)
  }
  socket.on('message', (data: Buffer, isBinary) =>
    put(isBinary ? undefined : decodeServerMessage(new Uint8Array(data))),
  )
  socket.on('close', () => put(undefined))
  return () => {
    if (messages.length > 0) return Promise.resolve(messages.shift())
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), timeoutMs)
      waiting.push((message) => {
        clearTimeout(timer)
        resolve(message)
      })
    })
  }
}

/** A join for a fresh room, as the answer to a challenge. */
export async function createJoin(nonce: string, host: string): Promise<JoinMessage | undefined> {
  const [access, own] = [createKey(), createKey()]
  const owner = new Uint8Array(16)
  const room = bytesToRoomId(await deriveRoomIdBytes(access.publicKey, owner))
  const participant = bytesToParticipantId(await deriveParticipantIdBytes(own.publicKey))
  const nonceBytes = decodeBase64Url(nonce)
  if (room === undefined || participant === undefined || nonceBytes === undefined) return undefined
  const context = { host, nonce: nonceBytes, room, participant }
  return {
    ...{ type: 'join', version: PROTOCOL_VERSION, room, participant, host },
    ...{ key: encodeBase64Url(access.publicKey), owner: encodeBase64Url(owner) },
    session: encodeBase64Url(own.publicKey),
    proof: access.sign(encodeAccessProof(context)),
    sessionProof: own.sign(encodeSessionProof(context)),
  }
}

/** Leaves without waiting for the other side. */
export function hangUp(socket: WebSocket): void {
  socket.close(1000)
  setTimeout(() => socket.terminate(), 500).unref()
}

/** Sends a control message. */
export function say(socket: WebSocket, message: Parameters<typeof encodeMessage>[0]): void {
  socket.send(encodeMessage(message))
}

function createKey(): {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly sign: (bytes: Uint8Array) => string
} {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: (bytes) => encodeBase64Url(new Uint8Array(sign(null, bytes, privateKey))),
  }
}
