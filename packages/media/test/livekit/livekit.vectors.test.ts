import { expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/livekit.json' with { type: 'json' }
import { IvSource } from '../../src/livekit/format/iv-source.ts'
import type { RingKey } from '../../src/livekit/format/key-rings.ts'
import { openLiveKitFrame } from '../../src/livekit/format/open-frame.ts'
import { sealLiveKitFrame } from '../../src/livekit/format/seal-frame.ts'
import { SeenIvs } from '../../src/livekit/format/seen-ivs.ts'
import { deriveRingKey } from '../../src/livekit/page/ring-key.ts'

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

interface KeyVector {
  readonly passphrase?: string | undefined
  readonly secret?: string | undefined
  readonly salt: string
  readonly keyBits: number
}

const ringKey = async (vector: KeyVector, iv = new Uint8Array(12)): Promise<RingKey> => {
  const material = vector.passphrase ?? fromHex(vector.secret ?? '')
  const keyBits = vector.keyBits === 256 ? 256 : 128
  const key = await deriveRingKey(material, { salt: vector.salt, keyBits })
  return { key, ivs: new IvSource(iv), seen: new SeenIvs(), isProven: false }
}

test.for(vectors.frames)('[M75, M76, M77, M78] sealed and opened: $name', async (vector) => {
  const { index, mimeType } = vector
  const sealing = { index, key: await ringKey(vector, fromHex(vector.iv)) }
  const sealed = await sealLiveKitFrame({ data: fromHex(vector.frame), mimeType }, sealing)
  expect(sealed.type === 'sealed' && toHex(sealed.data)).toBe(vector.sealed)
  const key = await ringKey(vector)
  const sender = { findKey: (at: number) => (at === index ? key : undefined), now: () => 0 }
  const opened = await openLiveKitFrame({ data: fromHex(vector.sealed), mimeType }, sender)
  expect(opened.type).toBe('opened')
  // The start codes of H.264 are all long then.
  const again = { index, key: await ringKey(vector, fromHex(vector.iv)) }
  const data = opened.type === 'opened' ? opened.data : new Uint8Array()
  const resealed = await sealLiveKitFrame({ data, mimeType }, again)
  expect(resealed.type === 'sealed' && toHex(resealed.data)).toBe(vector.sealed)
})

test.for(vectors.dropped)('[M79, M82] dropped: $name', async (vector) => {
  const key = await ringKey(vector)
  const sender = { findKey: (at: number) => (at === vector.index ? key : undefined), now: () => 0 }
  const { mimeType, reason } = vector
  const opened = await openLiveKitFrame({ data: fromHex(vector.sealed), mimeType }, sender)
  expect(opened).toMatchObject({ type: 'dropped', reason })
  expect(key.isProven).toBe(false)
})
