import { ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'
import { createBusSeal, createSessionKeys, MAX_BUS_FRAME_BYTES } from '@conclave/e2ee/session'
import { idToBytes } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { OTHER_ROOM, ROOM, rootOf, utf8 } from '../fixtures.ts'

const root = new SharedKeySource(rootOf(1))
const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) =>
    each.charCodeAt(0),
  )

describe('the seal of a room on a bus', () => {
  test('[S66] opens at every holder of the root, for its room and epoch only', async () => {
    const seal = await createBusSeal(root, { room: ROOM })
    const text = await seal.seal(utf8('frame'))
    const other = await createBusSeal(new SharedKeySource(rootOf(1)), { room: ROOM })
    expect(other.subject).toBe(seal.subject)
    expect(await other.open(text)).toEqual(utf8('frame'))
    for (const wrong of [
      await createBusSeal(root, { room: OTHER_ROOM }),
      await createBusSeal(new SharedKeySource(rootOf(2)), { room: ROOM }),
      await createBusSeal(new SharedKeySource(rootOf(1), { epoch: 1n }), { room: ROOM }),
    ]) {
      expect(wrong.subject).not.toBe(seal.subject)
      expect(await wrong.open(text)).toBeUndefined()
    }
  })

  test('[S65, S66, S67] is what the chapter says, computed without our code', async () => {
    const seal = await createBusSeal(root, { room: ROOM })
    const bytes = bytesOf(await seal.seal(utf8('frame')))
    const key = await root.export('conclave/1 bus key', idToBytes(ROOM), 32)
    const material = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey'])
    const info = utf8('conclave/1 bus message')
    const derived = await crypto.subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: bytes.slice(0, 20), info },
      material,
      { name: 'AES-GCM', length: 256 },
      false,
      ['decrypt'],
    )
    const opening = { name: 'AES-GCM', iv: bytes.slice(20, 32) }
    const padded = await crypto.subtle.decrypt(opening, derived, bytes.slice(32))
    const expected = new Uint8Array(512)
    expected.set([...utf8('frame'), 0x80])
    expect(new Uint8Array(padded)).toEqual(expected)
    const subject = await root.export('conclave/1 bus subject', idToBytes(ROOM), 16)
    expect(bytesOf(seal.subject)).toEqual(subject)
  })

  test('[S66, S67] gives another text each time, of one length for all that is short', async () => {
    const seal = await createBusSeal(root, { room: ROOM })
    const texts = await Promise.all(
      ['', 'a', 'a', 'b'.repeat(500)].map((text) => seal.seal(utf8(text))),
    )
    expect(new Set(texts)).toHaveLength(4)
    expect(new Set(texts.map(({ length }) => length))).toHaveLength(1)
    const long = new Uint8Array(MAX_BUS_FRAME_BYTES).fill(1)
    expect(await seal.open(await seal.seal(long))).toEqual(long)
    await expect(seal.seal(new Uint8Array(MAX_BUS_FRAME_BYTES + 1))).rejects.toThrow(RangeError)
  })

  test('[S66] opens nothing that was changed, cut, or is no text', async () => {
    const seal = await createBusSeal(root, { room: ROOM })
    const text = await seal.seal(utf8('frame'))
    for (const at of [0, 5, 30, 50, text.length - 1]) {
      const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
      expect(await seal.open(changed)).toBeUndefined()
    }
    for (const wrong of [text.slice(0, -4), `${text}AAAA`, '', 'ä', 'A'.repeat(300_000)]) {
      expect(await seal.open(wrong)).toBeUndefined()
    }
    for (const wrong of [null, undefined, 7, {}, [text], new String(text)]) {
      expect(await seal.open(wrong)).toBeUndefined()
    }
  })

  test('[S65] refuses keys without a common root', async () => {
    const { id } = await createSessionKeys()
    const sealing = createBusSeal(new ParticipantKeySource(id), { room: ROOM })
    await expect(sealing).rejects.toThrow(TypeError)
  })
})
