import { encodeBase64Url } from '@conclave/base'
import {
  decodeClientMessage,
  decodeDataFrame,
  decodeServerMessage,
  encodeAccessProof,
  encodeDataFrame,
  idToBytes,
  parseMessageId,
  parseParticipantId,
  parseRoomId,
} from '@conclave/wire'
import type { DataFrame } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import frames from '../../../spec/vectors/wire-frames.json' with { type: 'json' }
import ids from '../../../spec/vectors/wire-ids.json' with { type: 'json' }
import messages from '../../../spec/vectors/wire-messages.json' with { type: 'json' }
import proofs from '../../../spec/vectors/wire-proof.json' with { type: 'json' }

describe('[W1] ids of the vectors', () => {
  test.each(ids)('$name', ({ text, valid, reserved, hex }) => {
    const id = parseRoomId(text)
    expect(id !== undefined).toBe(valid)
    expect(parseMessageId(text)).toBe(id)
    expect(parseParticipantId(text)).toBe(reserved === true ? undefined : id)
    expect(id && toHex(idToBytes(id))).toBe(hex)
  })
})

describe('[W5] control messages of the vectors', () => {
  test.each(messages)('$from: $name', ({ from, text, valid, message }) => {
    const decode = from === 'client' ? decodeClientMessage : decodeServerMessage
    expect(decode(text)).toEqual(valid ? message : undefined)
    expect(decode(new TextEncoder().encode(text))).toEqual(valid ? message : undefined)
  })
})

describe('[W9] data frames of the vectors', () => {
  test.each(frames)('$name', ({ hex, valid, canonical, frame }) => {
    const decoded = decodeDataFrame(fromHex(hex))
    expect(decoded !== undefined).toBe(valid)
    expect(decoded && toJson(decoded)).toEqual(frame)
    const again = decoded && canonical === true ? encodeDataFrame(decoded) : fromHex(hex)
    expect(toHex(again)).toBe(hex)
  })
})

describe('[W8] access proofs of the vectors', () => {
  test.each(proofs)('$name', async (vector) => {
    const room = parseRoomId(vector.room)
    const participant = parseParticipantId(vector.participant)
    if (room === undefined || participant === undefined) throw new Error('unreadable vector')
    const nonce = fromHex(vector.nonce)
    const bytes = encodeAccessProof({ host: vector.host, nonce, room, participant })
    expect(toHex(bytes)).toBe(vector.hex)
    const raw = fromHex(vector.key)
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
    expect(await crypto.subtle.verify('Ed25519', key, fromHex(vector.signature), bytes)).toBe(
      vector.valid,
    )
    const material = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveBits'])
    const info = new TextEncoder().encode('conclave/1 room id')
    const salt = new Uint8Array(0)
    const id = await crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt, info },
      material,
      128,
    )
    expect(encodeBase64Url(new Uint8Array(id))).toBe(vector.room)
  })
})

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
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
    ...(payload === undefined ? {} : { payload: toHex(payload) }),
  }
}
