import { encodeBase64Url } from '@conclave/base'
import {
  decodeClientMessage,
  decodeDataFrame,
  decodeServerMessage,
  encodeAccessProof,
  encodeDataFrame,
  encodeSessionProof,
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

describe('[W8] proofs of the vectors', () => {
  test.each(proofs)('$name', async (vector) => {
    const room = parseRoomId(vector.room)
    const participant = parseParticipantId(vector.participant)
    if (room === undefined || participant === undefined) throw new Error('unreadable vector')
    const context = { host: vector.host, nonce: fromHex(vector.nonce), room, participant }
    const both = [
      { encode: encodeAccessProof, key: vector.key, proof: vector.accessProof },
      { encode: encodeSessionProof, key: vector.session, proof: vector.sessionProof },
    ]
    for (const { encode, key: raw, proof } of both) {
      const bytes = encode(context)
      expect(toHex(bytes)).toBe(proof.hex)
      const key = await crypto.subtle.importKey('raw', fromHex(raw), 'Ed25519', false, ['verify'])
      const signature = fromHex(proof.signature)
      expect(await crypto.subtle.verify('Ed25519', key, signature, bytes)).toBe(vector.valid)
    }
    expect(await certifiedId(vector.key + '00'.repeat(16), 'conclave/1 room id')).toBe(vector.room)
    expect(await certifiedId(vector.session, 'conclave/1 participant id')).toBe(vector.participant)
  })
})

async function certifiedId(key: string, label: string): Promise<string> {
  const material = await crypto.subtle.importKey('raw', fromHex(key), 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(label)
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return encodeBase64Url(new Uint8Array(await crypto.subtle.deriveBits(parameters, material, 128)))
}

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
    ...(frame.type === 'publish' || frame.type === 'signal' ? { to: to ?? null } : {}),
    ...(position === undefined ? {} : { position: String(position) }),
    ...(payload === undefined ? {} : { payload: toHex(payload) }),
  }
}
