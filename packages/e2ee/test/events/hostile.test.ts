import { generateAesGcmKey, Keyring, openEvent, sealEvent, sealEventBinary } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { rootOf } from '../fixtures.ts'
import { transferred } from '../memory.ts'

const key = await generateAesGcmKey()
const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const ring = new Keyring()
ring.rotate({ keyId: 'k', epoch: 1, key: rootOf(1) })

const refuse = (): never => {
  throw new Error('thrown by the input itself')
}

/** Bytes that throw, lie or give out something else than they are. */
class LyingBytes extends Uint8Array<ArrayBuffer> {
  override get length(): number {
    return 2 ** 40
  }

  override subarray(): Uint8Array<ArrayBuffer> {
    return refuse()
  }
}

describe('bytes that are none', () => {
  test('[P30] opening answers, whatever the bytes do when they are looked at', async () => {
    const bytes = await sealEventBinary({ a: 1 }, key, chat)
    for (const name of ['length', 'buffer', 'subarray', 'slice', Symbol.toStringTag]) {
      const trap = Object.defineProperty(new Uint8Array(bytes), name, { get: refuse })
      const opened = await openEvent(trap, key, chat)
      expect(['opened', 'dropped']).toContain(opened.type)
    }
    expect(await openEvent(new LyingBytes(bytes.slice().buffer), key, chat)).toMatchObject({
      value: { a: 1 },
    })
    const gone = await openEvent(transferred(bytes), key, chat)
    expect(gone).toEqual({ type: 'dropped', reason: 'malformed' })
  })

  test('[P46] bytes to be sealed are copied from any memory, or refused by name if detached', async () => {
    const lying = await sealEvent(new LyingBytes(Uint8Array.of(1, 2, 3).buffer), key, chat)
    expect(await openEvent(lying, key, chat)).toMatchObject({ value: Uint8Array.of(1, 2, 3) })
    for (const keys of [key, ring]) {
      const gone = sealEvent(transferred(Uint8Array.of(1, 2, 3)), keys, chat)
      await expect(gone).rejects.toThrow(/^"value" expected/)
      const own = Uint8Array.of(1, 2, 3)
      const sealing = sealEvent(own, keys, chat)
      own.fill(9)
      const opened = await openEvent(await sealing, keys, { ...chat, replay: 'none' })
      expect(opened).toMatchObject({ value: Uint8Array.of(1, 2, 3) })
    }
  })

  test('[P30, P46, P48] memory that several threads see is copied, when it is sealed and when it is opened', async () => {
    // Pages that are not isolated have this memory too, but not by its name.
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
    const shared = new Uint8Array(buffer, 0, 3)
    shared.set([1, 2, 3])
    const bytes = await sealEventBinary(shared, key, chat)
    expect(await openEvent(bytes, key, chat)).toMatchObject({ value: Uint8Array.of(1, 2, 3) })
    const envelope = new Uint8Array(buffer, 8, bytes.length)
    envelope.set(bytes)
    const opening = openEvent(envelope, key, chat)
    envelope.fill(0)
    expect(await opening).toMatchObject({ value: Uint8Array.of(1, 2, 3) })
  })
})

test('[P26, P30] a list is no envelope, however long: its elements are not looked at', async () => {
  let looks = 0
  const look = (): string[] => {
    looks += 1
    return ['length']
  }
  for (const list of [new Proxy([1, 2], { ownKeys: look }), new Float64Array(4)]) {
    expect(await openEvent(list, key, chat)).toEqual({ type: 'dropped', reason: 'malformed' })
  }
  expect(looks).toBe(0)
})

test('[P26, P48] text that is no envelope is malformed whatever its length: its characters are not listed', async () => {
  const long = 'x'.repeat(2 ** 22)
  for (const text of [long, JSON.stringify(long), `{"v":${long}`]) {
    expect(await openEvent(text, key, chat)).toEqual({ type: 'dropped', reason: 'malformed' })
  }
})
