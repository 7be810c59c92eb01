/** The ring as the application sets it, and how it comes to the worker. */
import { expect, test } from 'vitest'
import { createLiveKitProfile, LiveKitKeys } from '@conclave/media/livekit'
import type { MediaError } from '../../src/errors.ts'
import type { FormatProfile } from '../../src/page/frame-profile.ts'
import type { WorkerLink } from '../../src/page/worker-link.ts'
import type { KeySlot, WorkerRequest } from '../../src/shared/protocol.ts'
import { systemClock } from '@conclave/base'
import { bytes } from '../support/frames.ts'

const secret = bytes(32, 3)

const start = (keys: LiveKitKeys, self = 'alice') => {
  const requests: WorkerRequest[] = []
  const errors: MediaError[] = []
  let senderKeys = 0
  const link = {
    failure: undefined,
    request: async (request: WorkerRequest) => void requests.push(request),
  } as unknown as WorkerLink
  const profile = createLiveKitProfile(keys) as FormatProfile
  const delivery = profile.startKeys({
    ...{ link, self, clock: systemClock },
    onSenderKey: () => (senderKeys += 1),
    onNoKey: (error) => errors.push(error),
  })
  const last = <T extends WorkerRequest['type']>(type: T): KeySlot | undefined => {
    const found = requests.findLast((request) => request.type === type)
    return found && 'slot' in found ? found.slot : undefined
  }
  return { profile, delivery, requests, errors, last, senderKeys: () => senderKeys }
}

test('[M76, M84] a ring for all: every key goes to the worker, and the one set last seals', async () => {
  const keys = new LiveKitKeys({ sharedKey: true })
  await keys.setKey(secret)
  const { delivery, last, requests, senderKeys } = start(keys)
  await delivery.requireSenderKey()
  expect(last('ring-key')).toEqual({ ring: undefined, index: 0 })
  expect(last('use-ring-key')).toEqual({ ring: undefined, index: 0 })
  await keys.setKey(bytes(32, 4), { keyIndex: 17 })
  await delivery.requireSenderKey()
  expect(last('use-ring-key')).toEqual({ ring: undefined, index: 1 })
  expect(await delivery.describe()).toBe('livekit/1')
  await Promise.resolve()
  expect(senderKeys()).toBeGreaterThan(0)
  const given = requests.flatMap((request) => (request.type === 'ring-key' ? [request.key] : []))
  expect(given.map((key) => key?.extractable)).toEqual([false, false])
})

test('[M76, M86] a ring for each: only its owner seals with it, and only from when it is used', async () => {
  const keys = new LiveKitKeys({ sharedKey: false })
  const { delivery, last, errors } = start(keys)
  await keys.setKey(secret, { participant: 'bob', keyIndex: 3 })
  expect(last('ring-key')).toEqual({ ring: 'bob', index: 3 })
  expect(last('use-ring-key')).toEqual({ ring: 'alice', index: 0 })
  await expect(delivery.requireSenderKey()).rejects.toMatchObject({ code: 'ERR_MEDIA_NO_KEY' })
  await keys.setKey(secret, { participant: 'alice', keyIndex: 2, isCurrent: false })
  expect(last('use-ring-key')).toEqual({ ring: 'alice', index: 0 })
  keys.useKey({ participant: 'alice', keyIndex: 2 })
  expect(last('use-ring-key')).toEqual({ ring: 'alice', index: 2 })
  await delivery.requireSenderKey()
  expect(errors).toEqual([])
  keys.removeKey({ participant: 'alice', keyIndex: 2 })
  await expect(delivery.requireSenderKey()).rejects.toMatchObject({ code: 'ERR_MEDIA_NO_KEY' })
  await expect.poll(() => errors.length).toBe(1)
})

test('[M76] of two keys for one place the later call wins, however long it takes', async () => {
  const keys = new LiveKitKeys({ sharedKey: true })
  const slow = keys.setKey('wrinkle-otter-mosaic-hazel-canyon-drift')
  await keys.setKey(secret)
  const winner = keys.find({ ring: undefined, index: 0 })
  await slow
  expect(keys.find({ ring: undefined, index: 0 })).toBe(winner)
  const removed = keys.setKey(secret)
  keys.removeKey()
  await removed
  expect(keys.find({ ring: undefined, index: 0 })).toBeUndefined()
})

test('[M76] key material is a passphrase, 16 bytes or more, or a key that derives', async () => {
  const keys = new LiveKitKeys({ sharedKey: true })
  const material = async (name: string, usages: KeyUsage[]): Promise<CryptoKey> =>
    crypto.subtle.importKey('raw', secret, name, false, usages)
  for (const right of [secret, secret.buffer, await material('HKDF', ['deriveKey'])]) {
    await keys.setKey(right)
  }
  await keys.setKey(await material('PBKDF2', ['deriveBits', 'deriveKey']))
  const wrong = [
    ...['', new Uint8Array(), new Uint8Array(15), undefined, null, 7, {}, []],
    ...[await material('HKDF', ['deriveBits']), await material('AES-GCM', ['encrypt'])],
  ]
  for (const value of wrong) {
    await expect(keys.setKey(value as never)).rejects.toThrow(/^"key" expected /)
  }
  expect(secret).toEqual(bytes(32, 3))
})

test('[M76, M87] wrong sizes, places and names are named', async () => {
  for (const keyringSize of [0, 257, 1.5]) {
    expect(() => new LiveKitKeys({ sharedKey: true, keyringSize })).toThrow(/^"keyringSize"/)
  }
  expect(() => new LiveKitKeys({ sharedKey: true, keySize: 192 as never })).toThrow(/^"keySize"/)
  const keys = new LiveKitKeys({ sharedKey: false })
  await expect(keys.setKey(secret)).rejects.toThrow(/^"participant"/)
  await expect(keys.setKey(secret, { participant: '' })).rejects.toThrow(/^"participant"/)
  const place = { participant: 'alice', keyIndex: -1 }
  await expect(keys.setKey(secret, place)).rejects.toThrow(/^"keyIndex"/)
  const { profile } = start(keys)
  expect(profile.checkPeer('bob', 'alice')).toBe('bob')
  expect(() => profile.checkPeer('alice', 'alice')).toThrow(/^"peer"/)
  expect(() => profile.checkPeer('', 'alice')).toThrow(/^"peer"/)
  expect(() => start(keys, '')).toThrow(/^"self"/)
})

test('[M85] a profile names itself and its codecs', () => {
  const profile = createLiveKitProfile(new LiveKitKeys({ sharedKey: true }))
  expect(profile.name).toBe('livekit')
  expect(profile.codecs).toEqual({
    audio: ['audio/opus'],
    video: ['video/vp8', 'video/vp9', 'video/h264'],
  })
})
