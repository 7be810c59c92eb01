import { readFileSync } from 'node:fs'
import {
  decodeClientMessage,
  decodeDataFrame,
  decodeServerMessage,
  encodeAccessProof,
  encodeBase64Url,
  encodeDataFrame,
  idToBytes,
  parseMessageId,
  parseParticipantId,
  parseRoomId,
  ROOM_ID_INFO,
} from '@conclave/wire'
import type { DataFrame } from '@conclave/wire'
import { describe, expect, test } from 'vitest'

interface IdCase {
  name: string
  text: string
  valid: boolean
  reserved?: boolean
  hex?: string
}
interface MessageCase {
  name: string
  from: 'client' | 'hub'
  text: string
  valid: boolean
  message?: unknown
}
interface FrameCase {
  name: string
  hex: string
  valid: boolean
  canonical?: boolean
  frame?: unknown
}
interface ProofCase {
  name: string
  key: string
  room: string
  host: string
  nonce: string
  participant: string
  hex: string
  signature: string
  valid: boolean
}

describe('[W1] ids of the vectors', () => {
  test.each(load<IdCase>('ids'))('$name', ({ text, valid, reserved, hex }) => {
    const id = parseRoomId(text)
    expect(id !== undefined).toBe(valid)
    expect(parseMessageId(text)).toBe(id)
    expect(parseParticipantId(text)).toBe(reserved === true ? undefined : id)
    expect(id && Buffer.from(idToBytes(id)).toString('hex')).toBe(hex)
  })
})

describe('[W5] control messages of the vectors', () => {
  test.each(load<MessageCase>('messages'))('$from: $name', ({ from, text, valid, message }) => {
    const decode = from === 'client' ? decodeClientMessage : decodeServerMessage
    expect(decode(text)).toEqual(valid ? message : undefined)
    expect(decode(new TextEncoder().encode(text))).toEqual(valid ? message : undefined)
  })
})

describe('[W9] data frames of the vectors', () => {
  test.each(load<FrameCase>('frames'))('$name', ({ hex, valid, canonical, frame }) => {
    const decoded = decodeDataFrame(fromHex(hex))
    expect(decoded !== undefined).toBe(valid)
    expect(decoded && toJson(decoded)).toEqual(frame)
    const again = decoded && canonical === true ? encodeDataFrame(decoded) : fromHex(hex)
    expect(Buffer.from(again).toString('hex')).toBe(hex)
  })
})

describe('[W8] access proofs of the vectors', () => {
  test.each(load<ProofCase>('proof'))('$name', async (vector) => {
    const room = parseRoomId(vector.room)
    const participant = parseParticipantId(vector.participant)
    if (room === undefined || participant === undefined) throw new Error('unreadable vector')
    const nonce = fromHex(vector.nonce)
    const bytes = encodeAccessProof({ host: vector.host, nonce, room, participant })
    expect(Buffer.from(bytes).toString('hex')).toBe(vector.hex)
    const raw = fromHex(vector.key)
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
    expect(await crypto.subtle.verify('Ed25519', key, fromHex(vector.signature), bytes)).toBe(
      vector.valid,
    )
    const material = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveBits'])
    const info = new TextEncoder().encode(ROOM_ID_INFO)
    const salt = new Uint8Array(0)
    const id = await crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt, info },
      material,
      128,
    )
    expect(encodeBase64Url(new Uint8Array(id))).toBe(vector.room)
  })
})

function load<T>(name: string): T[] {
  const url = new URL(`../../../spec/vectors/wire-${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8')) as T[]
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

function toJson(frame: DataFrame): unknown {
  const { payload, position, to, ...rest } = {
    payload: undefined,
    position: undefined,
    to: undefined,
    ...frame,
  }
  return {
    ...rest,
    ...(frame.type === 'publish' ? { to: to ?? null } : {}),
    ...(position === undefined ? {} : { position: String(position) }),
    ...(payload === undefined ? {} : { payload: Buffer.from(payload).toString('hex') }),
  }
}
