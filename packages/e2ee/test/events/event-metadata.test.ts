import {
  generateAesGcmKey,
  importAesGcmKeyFromBase64,
  keyedChannelId,
  openEvent,
  padmeLength,
  sealEvent,
  sealEventBinary,
  SharedKeySource,
} from '@conclave/e2ee'
import type {
  Dropped,
  EventKeys,
  ExpectedEventContext,
  JsonEnvelope,
  OpenedOrDroppedEvent,
  OpenEventOptions,
} from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { pad } from '../../src/events/padding.ts'
import { failureOf } from '../fixtures.ts'

const key = await generateAesGcmKey()
const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const note = { kind: 'realtime', scope: 'delivery', scopeId: 'order-1', eventName: 'note' } as const
const value = { body: 'hällo \u2028 \ud83d\ude00', list: [1, null, true, { deep: 'x' }], empty: '' }

const reasonOf = (opened: OpenedOrDroppedEvent): 'opened' | Dropped['reason'] =>
  opened.type === 'opened' ? 'opened' : opened.reason
const tell = async (
  envelope: unknown,
  keys: CryptoKey | EventKeys,
  options: ExpectedEventContext & OpenEventOptions,
): Promise<string> => reasonOf(await openEvent(envelope, keys, { ...options, replay: 'none' }))

describe('many at once', () => {
  test('[P28] events sealed at once, and while another one is read, each keep their own value', async () => {
    let inner: Promise<JsonEnvelope> | undefined
    const nested = {
      get late() {
        inner ??= sealEvent('sealed within'.repeat(40), key, chat)
        return 'outer'
      },
      rest: 'x'.repeat(300),
    }
    const values = Array.from({ length: 40 }, (_, n) => `${n}`.repeat(n * 17 + 1))
    const sealing = values.map((each) => sealEvent(each, key, chat))
    const outer = sealEvent(nested, key, chat)
    const long = sealEvent('\u20ac'.repeat(9000), key, chat)
    const valueOf = async (sealed: unknown): Promise<unknown> => {
      const opened = await openEvent(sealed, key, chat)
      return opened.type === 'opened' ? opened.value : opened.reason
    }
    expect(await Promise.all((await Promise.all(sealing)).map(valueOf))).toEqual(values)
    expect(await valueOf(await outer)).toEqual({ late: 'outer', rest: 'x'.repeat(300) })
    expect(await valueOf(await inner)).toBe('sealed within'.repeat(40))
    expect(await valueOf(await long)).toBe('\u20ac'.repeat(9000))
  })
})

describe('metadata', () => {
  test('[P43] padded lengths are few, and hide which of two is longer', async () => {
    const lengthOf = async (text: string) =>
      (await sealEventBinary(text, key, { ...chat, padding: 'padme' })).length
    expect(await lengthOf('yes')).toBe(await lengthOf('a much longer answer than that'))
    expect(await lengthOf('yes')).not.toBe(await lengthOf('x'.repeat(1000)))
    const lengths = new Set(
      Array.from({ length: 4096 }, (_, index) => pad(new Uint8Array(index)).length),
    )
    expect(lengths.size).toBeLessThan(90)
    for (const body of ['', 'x'.repeat(63), 'x'.repeat(1000), '\0']) {
      expect(
        await openEvent(await sealEvent(body, key, { ...chat, padding: 'padme' }), key, chat),
      ).toMatchObject({ value: body })
    }
  })

  test('[P43] Padmé: the values of its paper, never more than 12 % longer', () => {
    expect(
      [0, 1, 2, 3, 8, 9, 10, 63, 64, 65, 100, 1000, 4097, 2 ** 20 + 1].map(padmeLength),
    ).toEqual([...[0, 1, 2, 3, 8, 10, 10, 64, 64, 72, 104, 1024, 4352, 1_081_344]])
    for (let length = 64; length < 100_000; length += 37) {
      const padded = padmeLength(length)
      expect(padded >= length && padded <= length * 1.12).toBe(true)
    }
  })

  test('[P44] a hidden name is not in the envelope, and opens only with the same name', async () => {
    const json = await sealEvent(1, key, { ...note, eventName: 'call.offer', hideEventName: true })
    expect(JSON.stringify(json)).not.toContain('offer')
    const { eventName: _, ...unnamed } = note
    expect(await openEvent(json, key, unnamed)).toMatchObject({ value: 1, eventName: 'call.offer' })
    expect(await tell(json, key, { ...note, eventName: 'call.offer' })).toBe('opened')
    expect(await tell(json, key, { ...note, eventName: 'call.answer' })).toBe('not-authentic')
    expect(await tell(json, key, { ...unnamed, scopeId: 'order-2' })).toBe('not-authentic')
    // A name that is not hidden must be known.
    expect(await tell(await sealEvent(1, key, note), key, unnamed)).toBe('not-authentic')
    await expect(sealEvent(1, key, { ...chat, hideEventName: true })).rejects.toThrow(TypeError)
    const padded = { ...note, hideEventName: true, padding: 'padme' } as const
    expect(await openEvent(await sealEvent(value, key, padded), key, unnamed)).toMatchObject({
      value,
      eventName: 'note',
    })
  })

  test('[P45] a keyed id is the same for holders of the key, and another for all else', async () => {
    const source = new SharedKeySource(new Uint8Array(32).fill(1))
    const id = await keyedChannelId('private-room-42', source)
    expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(await keyedChannelId('private-room-42', source)).toBe(id)
    expect(await keyedChannelId('private-room-43', source)).not.toBe(id)
    source.setKey(new Uint8Array(32).fill(1), 1n)
    expect(await keyedChannelId('private-room-42', source)).not.toBe(id)
    expect(await keyedChannelId('private-room-42', source, { epoch: 0n })).toBe(id)
    const raw = await importAesGcmKeyFromBase64(`${'AQEB'.repeat(10)}AQE=`)
    expect(await keyedChannelId('private-room-42', raw)).toBe(id)
    await expect(keyedChannelId('', source)).rejects.toThrow(/"name"/)
    await expect(keyedChannelId('x', null as never)).rejects.toThrow(/"keys"/)
    await expect(keyedChannelId('x', source, { keyId: 5 } as never)).rejects.toThrow(/"keyId"/)
  })

  test('[P45] a key source has no key of another key id', async () => {
    const source = new SharedKeySource(new Uint8Array(32).fill(1), { epoch: 3n })
    expect(await keyedChannelId('x', source, { keyId: '' })).toBe(await keyedChannelId('x', source))
    const failure = await failureOf(keyedChannelId('x', source, { keyId: 'other' }))
    expect([failure.code, failure.details]).toEqual([
      'ERR_E2EE_UNKNOWN_KEY',
      { keyId: 'other', epoch: 3n },
    ])
  })
})
