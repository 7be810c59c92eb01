import { hashBytes } from '@conclave/crypto/verify'
import { LIVEKIT_SERVER_FRAMES } from '@conclave/media/livekit'
import { expect, test } from 'vitest'
import { NO_DROPS } from '../../src/shared/frame-counters.ts'
import { checkServerFrames } from '../../src/shared/server-frames.ts'
import type { ServerFrames } from '../../src/shared/server-frames.ts'
import { vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'
import { WorkerScene } from '../support/worker-scene.ts'

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const black = bytesOf('1002009d012a080008000047088585888584880202000c0d6000feffab5080')
const silence = bytesOf('f8fffe'.padEnd(160, '0'))
const parts = [
  '6742c01f0fd91f888884000003000400000300c83c60c920',
  '6887cb83cb20',
  '6588840af2628000a7be',
]
const trailer = bytesOf('00112233445566778899aabbccddeeff')

const withTrailer = (frame: Uint8Array, behind: Uint8Array = trailer): Uint8Array =>
  Uint8Array.from([...frame, ...behind])

const sceneWith = async (serverFrames?: ServerFrames): Promise<WorkerScene> => {
  const scene = new WorkerScene()
  await scene.request({ type: 'start', version: 1, suite: 4, serverFrames })
  return scene
}

const livekit = { frames: LIVEKIT_SERVER_FRAMES, trailer }

test('[M69] the list of LiveKit has the five frames of its server', async () => {
  const digests = await Promise.all(
    [black, ...parts.map(bytesOf), silence].map(async (frame) => ({
      byteLength: frame.length,
      sha256: Array.from(await hashBytes(frame), (byte) => byte.toString(16).padStart(2, '0')).join(
        '',
      ),
    })),
  )
  expect(LIVEKIT_SERVER_FRAMES).toEqual(digests)
})

test('[M69] a listed frame is dropped and counted, asks for no key, changes no state, and sound goes on', async () => {
  const scene = await sceneWith(livekit)
  const kid = await scene.installSenderKey()
  const sealing = scene.attach({ side: 'seal' })
  await sealing.push(vp8KeyFrame, 'video/VP8')
  await sealing.push(vp8DeltaFrame, 'video/VP8')
  const camera = scene.attach({})
  const microphone = scene.attach({ label: 'microphone', kind: 'audio' })
  const states = scene.heard('state').length
  for (let i = 0; i < 20; i += 1) {
    await camera.push(withTrailer(black), 'video/VP8')
    await microphone.push(withTrailer(silence), 'audio/opus')
  }
  for (const pipe of [camera, microphone]) {
    const { dropped } = await scene.counters(pipe)
    expect(dropped).toEqual({ ...NO_DROPS, 'server-made': 20 })
    expect(pipe.passed).toEqual([])
  }
  expect(scene.heard('key-needed')).toEqual([])
  expect(scene.heard('state')).toHaveLength(states)
  await scene.giveReceiverKey(kid)
  for (const frame of sealing.passed) {
    await camera.push(withTrailer(black), 'video/VP8')
    await camera.push(frame, 'video/VP8')
  }
  expect(camera.passed).toEqual([vp8KeyFrame, vp8DeltaFrame])
  expect(scene.heard('state').at(-1)).toMatchObject({ state: 'DecryptionSuccess' })
})

test.each([
  ['no list', undefined, withTrailer(black)],
  ['another trailer', livekit, withTrailer(black, trailer.toReversed())],
  ['no trailer', livekit, black],
  ['a flipped bit', livekit, withTrailer(black.with(-1, (black.at(-1) ?? 0) ^ 1))],
  ['a byte more', livekit, withTrailer(withTrailer(black, Uint8Array.of(0)))],
  ['a list of other frames', { ...livekit, frames: [] }, withTrailer(black)],
] as const)('[M69] with %s a frame of the server is a failure', async (_, list, frame) => {
  const scene = await sceneWith(list)
  const camera = scene.attach({})
  for (let i = 0; i < 10; i += 1) await camera.push(frame, 'video/VP8')
  const { dropped, waiting } = await scene.counters(camera)
  expect(dropped['server-made']).toBe(0)
  const failures = Object.values(dropped).reduce((sum, count) => sum + count, waiting)
  expect([failures, camera.passed]).toEqual([10, []])
})

test('[M69] a frame that this session sends is never taken for a frame of the server', async () => {
  const scene = await sceneWith({ frames: LIVEKIT_SERVER_FRAMES })
  await scene.installSenderKey()
  const sealing = scene.attach({ side: 'seal' })
  await sealing.push(black, 'video/VP8')
  expect(await scene.counters(sealing)).toMatchObject({ sealed: 1, dropped: NO_DROPS })
})

test('[M69] a list that is none is refused', () => {
  const [frame] = LIVEKIT_SERVER_FRAMES
  for (const given of [
    null,
    'LIVEKIT',
    {},
    { frames: [{ byteLength: 31, sha256: 'EF' }] },
    { frames: [{ ...frame, byteLength: 1025 }] },
    { frames: Array.from({ length: 65 }, () => frame) },
    { frames: [], trailer: new Uint8Array(65) },
    { frames: [], trailer: 'LK' },
  ]) {
    expect(() => checkServerFrames(given as never)).toThrow('"serverFrames" expected')
  }
  expect(() => checkServerFrames(livekit)).not.toThrow()
  expect(() => checkServerFrames(undefined)).not.toThrow()
})
