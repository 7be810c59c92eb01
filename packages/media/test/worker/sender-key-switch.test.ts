import { expect, test } from 'vitest'
import { decodeSFrameHeader } from '../../src/sframe/header.ts'
import { opusFrame, vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'
import { WorkerScene } from '../support/worker-scene.ts'
import type { PlayedPipe } from '../support/worker-scene.ts'

/** Two videos and a sound that are sealed under one key, before another is installed that receivers hold already. */
const rotating = async () => {
  const scene = new WorkerScene()
  const first = await scene.installSenderKey()
  const [camera, screen] = [
    scene.attach({ side: 'seal' }),
    scene.attach({ side: 'seal', label: 'screen' }),
  ]
  const sound = scene.attach({ side: 'seal', label: 'microphone', kind: 'audio' })
  for (const pipe of [camera, screen]) await pipe.push(vp8KeyFrame, 'video/vp8')
  await sound.push(opusFrame, 'audio/opus')
  const second = await scene.installSenderKey(2, 1n, 500)
  return { scene, first, second, camera, screen, sound }
}

/** The KIDs of the frames that came out of a video. */
const kids = ({ passed }: PlayedPipe): (bigint | undefined)[] =>
  passed.map((frame) => decodeSFrameHeader(frame.subarray((frame[0] ?? 0) & 1 ? 1 : 10))?.kid)

const push = async (frame: Uint8Array, ...pipes: readonly PlayedPipe[]): Promise<void> => {
  for (const pipe of pipes) await pipe.push(frame, 'video/vp8')
}

test('[M59] each video begins with the next key at its own key frame', async () => {
  const { first, second, camera, screen } = await rotating()
  await push(vp8DeltaFrame, camera, screen)
  await push(vp8KeyFrame, screen)
  await push(vp8DeltaFrame, camera, screen)
  expect(kids(camera)).toEqual([first, first, first])
  expect(kids(screen)).toEqual([first, first, second, second])
  await push(vp8KeyFrame, camera)
  await push(vp8DeltaFrame, camera)
  expect(kids(camera).slice(3)).toEqual([second, second])
})

test('[M59] sound begins with the next key at once', async () => {
  const { second, sound } = await rotating()
  await sound.push(opusFrame, 'audio/opus')
  expect(decodeSFrameHeader(sound.passed[1] ?? opusFrame)?.kid).toBe(second)
})

test('[M59] a video whose key frame does not come begins after 500 ms', async () => {
  const { scene, first, second, camera } = await rotating()
  scene.nowMs = 499
  await push(vp8DeltaFrame, camera)
  scene.nowMs = 500
  await push(vp8DeltaFrame, camera)
  expect(kids(camera).slice(1)).toEqual([first, second])
})

test('[M59] a video that begins meanwhile is sealed under the next key', async () => {
  const { scene, second } = await rotating()
  const late = scene.attach({ side: 'seal', label: 'late' })
  await push(vp8DeltaFrame, late)
  expect(kids(late)).toEqual([second])
})

test('[M59, M15] the end of the key before ends the wait', async () => {
  const { scene, first, second, camera } = await rotating()
  await scene.command({ type: 'drop-sender-key', kid: first })
  await push(vp8DeltaFrame, camera)
  expect(kids(camera)).toEqual([first, second])
})

test('[M59, M10] the end of the next key ends the wait with nothing to seal with', async () => {
  const { scene, first, second, camera } = await rotating()
  await scene.command({ type: 'drop-sender-key', kid: second })
  await push(vp8DeltaFrame, camera)
  expect(kids(camera)).toEqual([first])
  expect((await scene.counters(camera)).dropped['missing-key']).toBe(1)
})

test('[M59] with another key on top nothing waits for the first one', async () => {
  const { scene, camera } = await rotating()
  const third = await scene.installSenderKey(3, 2n, 500)
  await push(vp8DeltaFrame, camera)
  expect(kids(camera).slice(1)).toEqual([third])
})

test('[M59] a key that nobody was given in advance is used at once', async () => {
  const { scene, camera } = await rotating()
  const third = await scene.installSenderKey(3, 2n)
  await push(vp8DeltaFrame, camera)
  expect(kids(camera).slice(1)).toEqual([third])
})

test('[M60] key frames that passed are counted', async () => {
  const { scene, camera } = await rotating()
  await push(vp8DeltaFrame, camera)
  await push(vp8KeyFrame, camera)
  expect((await scene.counters(camera)).keyFrames).toBe(2)
})
