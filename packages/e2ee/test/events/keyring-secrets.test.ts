import '../../../../tools/web-platform.ts'
import {
  importAesGcmKeyFromBase64,
  Keyring,
  openEvent,
  sealEvent,
  SharedKeySource,
} from '@conclave/e2ee'
import type {
  EventKeys,
  ExpectedEventContext,
  KeyringEntry,
  OpenedOrDroppedEvent,
  OpenEventOptions,
} from '@conclave/e2ee'
import { describe, expect, test, vi } from 'vitest'
import { bytesToHex } from '../fixtures.ts'

const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const first = { keyId: 'room-42', epoch: 1n } as const
const secretOf = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(value)
const reasonOf = (opened: OpenedOrDroppedEvent): string =>
  opened.type === 'opened' ? `opened ${JSON.stringify(opened.value)}` : opened.reason
const tell = async (
  envelope: unknown,
  keys: CryptoKey | EventKeys,
  options: ExpectedEventContext & OpenEventOptions,
): Promise<string> => reasonOf(await openEvent(envelope, keys, { ...options, replay: 'none' }))

/** A ring that seals with `entry`, and a clock for it. */
function ringOf(entry: KeyringEntry, options: { graceMs?: number } = {}) {
  const clock = { now: 0 }
  const ring = new Keyring({ now: () => clock.now, ...options })
  ring.rotate(entry)
  return { ring, clock }
}

describe('secrets', () => {
  test('[P25] the key of a kind and a sender is derived from the secret once', async () => {
    const { ring } = ringOf({ ...first, key: secretOf(1) })
    const encrypt = vi.spyOn(crypto.subtle, 'importKey')
    for (let count = 0; count < 5; count += 1) {
      const event = await sealEvent(1, ring, { ...chat, sender: 'alice' })
      expect(await tell(event, ring, chat)).toBe('opened 1')
    }
    const derived = encrypt.mock.calls.filter(([, , algorithm]) => algorithm === 'AES-GCM')
    encrypt.mockRestore()
    expect(derived).toHaveLength(1)
    // As the chapter says, by hand.
    const source = new SharedKeySource(secretOf(1), { epoch: 1n })
    const context = Uint8Array.of(1, 7, ...new TextEncoder().encode('room-42alice'))
    const raw = await source.export('conclave/1 event', context, 32)
    const key = await importAesGcmKeyFromBase64(btoa(String.fromCharCode(...raw)))
    const event = await sealEvent('x', ring, { ...chat, sender: 'alice' })
    // A bare key is never taken for a derived one.
    expect(await tell(event, key, chat)).toBe('unknown-key')
    expect(event.flags).toBe(1)
    expect(bytesToHex(raw)).toHaveLength(64)
  })

  test('[P25] a key as it is and a secret of the same name do not open each other', async () => {
    const raw = secretOf(3)
    const key = await importAesGcmKeyFromBase64(btoa(String.fromCharCode(...raw)))
    const { ring: direct } = ringOf({ ...first, key })
    const { ring: derived } = ringOf({ ...first, key: raw })
    expect(await tell(await sealEvent(1, direct, chat), derived, chat)).toBe('unknown-key')
    const event = await sealEvent(1, derived, chat)
    expect(await tell(event, direct, chat)).toBe('unknown-key')
    expect(await tell({ ...event, flags: 0 }, direct, chat)).toBe('other-key')
  })

  test('[P36] the secret is copied: overwriting it changes nothing', async () => {
    const secret = secretOf(5)
    const { ring } = ringOf({ ...first, key: secret })
    secret.fill(0)
    const { ring: other } = ringOf({ ...first, key: secretOf(5) })
    expect(await tell(await sealEvent(1, ring, chat), other, chat)).toBe('opened 1')
  })

  test('[P38] forged senders leave no keys behind; those that open are kept within a bound', async () => {
    const { ring } = ringOf({ ...first, key: secretOf(6) })
    const { ring: peer } = ringOf({ ...first, key: secretOf(6) })
    const event = await sealEvent(1, peer, { ...chat, sender: 'real' })
    for (let index = 0; index < 600; index += 1) {
      expect(await tell({ ...event, sender: `forged ${index}` }, ring, chat)).toBe('other-key')
    }
    expect(await tell(event, ring, chat)).toBe('opened 1')
    const spy = vi.spyOn(crypto.subtle, 'importKey')
    for (let index = 0; index < 20; index += 1)
      await tell({ ...event, sender: `forged ${index}` }, ring, chat)
    spy.mockClear()
    expect(await tell(event, ring, chat)).toBe('opened 1')
    expect(spy).not.toHaveBeenCalled()
    spy.mockRestore()
  }, 20_000)
})
