/** Wrong arguments, and tracks that come after the worker failed, are refused at once. */
import { Keyring, randomParticipantId } from '@conclave/e2ee'
import { FrameCrypto } from '@conclave/media'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { expect, onTestFinished, test } from 'vitest'
import { createSide } from '../support/call.ts'

test('[M29] a wrong key source, room or session id is named', () => {
  const { keys, id } = createSide()
  const right = { keys, room: bytesToRoomId(new Uint8Array(16)) as RoomId, self: id }
  const createWorker = (): Worker => {
    throw new Error('unreachable: arguments are checked first')
  }
  const wrong = [undefined, null, 1, 'my-room', '', {}, [id], new Keyring()]
  for (const argument of ['keys', 'room', 'self']) {
    for (const value of wrong) {
      const options = { ...right, createWorker, [argument]: value }
      expect(() => new FrameCrypto(options), argument).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          message: expect.stringMatching(`^"${argument}" expected .*, got (?!.*my-room)`),
        }),
      )
    }
  }
})

test('[M21] a track that is to be protected after the worker failed has failed too, once for each connection', async () => {
  const side = createSide({
    createWorker: () => new Worker('/no-such-worker.js', { type: 'module' }),
  })
  onTestFinished(() => side.crypto.close())
  await expect(side.crypto.ready).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_START' })
  expect(side.states).toEqual([])
  const connection = new RTCPeerConnection(side.crypto.connectionConfig)
  onTestFinished(() => connection.close())
  const { sender } = connection.addTransceiver('video', { direction: 'sendonly' })
  const protect = (): Promise<void> =>
    side.crypto.protectSender(
      sender,
      { label: 'camera', kind: 'video' },
      { peer: randomParticipantId(), connection },
    )
  await expect(protect()).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_START' })
  const failed = {
    ...{ participant: side.id, label: 'camera', kind: 'video' },
    ...{ state: 'InternalError', reason: 'worker-failed' },
  }
  expect(side.states).toEqual([failed])
  side.crypto.release(connection)
  await expect(protect()).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_START' })
  expect(side.states).toEqual([failed, failed])
})
