import { SharedKeySource } from '@conclave/e2ee'
import { createBusSeal } from '@conclave/e2ee/session'
import { parseRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/bus.json' with { type: 'json' }
import { BusVerifier, decodeBusFrame } from '../../src/driver/bus-frame.ts'

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const room = parseRoomId(vectors.room) as RoomId
const other = parseRoomId('AAECAwQFBgcICQoLDA0ODw') as RoomId

describe.each(vectors.rooms)('in the epoch $epoch', ({ epoch, subject, frames }) => {
  const root = new SharedKeySource(fromHex(vectors.root), { epoch: BigInt(epoch) })

  test('[S65] the subject of the room', async () => {
    expect((await createBusSeal(root, { room })).subject).toBe(subject)
    expect((await createBusSeal(root, { room: other })).subject).not.toBe(subject)
  })

  test.each(frames)(
    '[S66, S67, S68] a frame of the kind $kind',
    async ({ bytes, text, to, ...message }) => {
      const seal = await createBusSeal(root, { room })
      const opened = await seal.open(text)
      expect(opened && toHex(opened)).toBe(bytes)
      const frame = decodeBusFrame(fromHex(bytes))
      if (frame === undefined) throw new Error('no frame')
      const { payload, ...rest } = message as { readonly payload?: string }
      expect(frame.message).toEqual({ ...rest, ...(payload && { payload: fromHex(payload) }) })
      expect(frame.to ?? null).toBe(to)
      expect(await new BusVerifier(room).verify(frame)).toBe(vectors.sender)
      expect(await new BusVerifier(other).verify(frame)).toBeUndefined()
      for (let at = 0; at < fromHex(bytes).length; at += 16) {
        const changed = fromHex(bytes)
        changed[at] = (changed[at] ?? 0) ^ 1
        const forged = decodeBusFrame(changed)
        const signer = forged && (await new BusVerifier(room).verify(forged))
        expect(signer).toBeUndefined()
      }
    },
  )
})
