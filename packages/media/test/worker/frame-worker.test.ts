import { describe, expect, test } from 'vitest'
import { importBaseKey } from '../../src/page/base-key.ts'
import { decodeSFrameHeader } from '../../src/sframe/header.ts'
import { bytes, vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'
import { WorkerScene } from '../support/worker-scene.ts'

const vp8 = 'video/VP8'

/** A scene that seals, and the frames it sealed. */

describe('sealing', () => {
  test('[M10] frames that arrive before the key are dropped for good', async () => {
    const scene = new WorkerScene()
    const pipe = scene.attach({ side: 'seal' })
    for (let i = 0; i < 3; i += 1) await pipe.push(vp8KeyFrame, vp8)
    expect(pipe.passed).toEqual([])
    await scene.installSenderKey()
    expect(pipe.passed).toEqual([])
    expect(await scene.counters(pipe)).toMatchObject({ sealed: 0, dropped: { 'missing-key': 3 } })
    expect(scene.heard('state').map(({ state }) => state)).toEqual(['MissingKey'])
    await pipe.push(vp8KeyFrame, vp8)
    expect(scene.heard('state').map(({ state }) => state)).toEqual([
      'MissingKey',
      'EncryptionSuccess',
    ])
    expect(pipe.passed).toHaveLength(1)
  })

  test('[M15] without its key sealing stops at once', async () => {
    const scene = new WorkerScene()
    const kid = await scene.installSenderKey()
    const pipe = scene.attach({ side: 'seal' })
    await pipe.push(vp8KeyFrame, vp8)
    await scene.command({ type: 'drop-sender-key', kid })
    await pipe.push(vp8DeltaFrame, vp8)
    expect(pipe.passed).toHaveLength(1)
  })

  test('[M15] a key that is dropped while it is derived seals nothing', async () => {
    const scene = new WorkerScene()
    const pipe = scene.attach({ side: 'seal' })
    const { kid } = await scene.request({ type: 'make-kid', epoch: 0n })
    const baseKey = await importBaseKey(bytes(16))
    const installed = scene.request({ type: 'set-sender-key', kid, baseKey, waitMs: 0 })
    await scene.command({ type: 'drop-sender-key', kid })
    await installed
    await pipe.push(vp8KeyFrame, vp8)
    expect(pipe.passed).toEqual([])
  })

  test('[M15] the end of the key before does not touch one that is derived meanwhile, or installed', async () => {
    const scene = new WorkerScene()
    const pipe = scene.attach({ side: 'seal' })
    const first = await scene.installSenderKey()
    const { kid } = await scene.request({ type: 'make-kid', epoch: 1n })
    const baseKey = await importBaseKey(bytes(16))
    const installed = scene.request({ type: 'set-sender-key', kid, baseKey, waitMs: 0 })
    await scene.command({ type: 'drop-sender-key', kid: first })
    await installed
    await scene.command({ type: 'drop-sender-key', kid: first })
    await pipe.push(vp8KeyFrame, vp8)
    expect(pipe.passed.map((frame) => decodeSFrameHeader(frame.subarray(10))?.kid)).toEqual([kid])
  })

  test('[M8] each key has a fresh nonce and its epoch, and is installed once', async () => {
    const scene = new WorkerScene()
    const first = await scene.installSenderKey(1, 5n)
    const second = await scene.installSenderKey(1, 5n)
    expect([first & 0xffn, second & 0xffn]).toEqual([5n, 5n])
    expect(first).not.toBe(second)
    const { kid } = await scene.request({ type: 'make-kid', epoch: 0n })
    const baseKey = await crypto.subtle.importKey('raw', bytes(16), 'HKDF', false, [
      'deriveKey',
      'deriveBits',
    ])
    await scene.request({ type: 'set-sender-key', kid, baseKey, waitMs: 0 })
    await expect(
      scene.request({ type: 'set-sender-key', kid, baseKey, waitMs: 0 }),
    ).rejects.toThrow('failed')
    await expect(
      scene.request({ type: 'set-sender-key', kid: 1n, baseKey, waitMs: 0 }),
    ).rejects.toThrow('failed')
  })

  test('[M9] one counter for all tracks and connections', async () => {
    const scene = new WorkerScene()
    await scene.installSenderKey()
    const pipes = [
      scene.attach({ side: 'seal' }),
      scene.attach({ side: 'seal' }),
      scene.attach({ side: 'seal', label: 'screen' }),
    ]
    for (const pipe of [...pipes, ...pipes]) await pipe.push(vp8DeltaFrame, vp8)
    const counters = pipes.flatMap(({ passed }) =>
      passed.map((frame) => decodeSFrameHeader(frame.subarray(1))?.ctr),
    )
    expect(new Set(counters)).toEqual(new Set([0n, 1n, 2n, 3n, 4n, 5n]))
  })

  test('[M7] an empty frame passes', async () => {
    const scene = new WorkerScene()
    const pipe = scene.attach({ side: 'seal' })
    await pipe.push(bytes(0), vp8)
    expect(pipe.passed).toEqual([bytes(0)])
    expect(await scene.counters(pipe)).toMatchObject({ empty: 1, sealed: 0 })
  })

  test('[M6] an unknown codec is asked for once, and frames are dropped until it is known', async () => {
    const scene = new WorkerScene()
    await scene.installSenderKey()
    const pipe = scene.attach({ side: 'seal' })
    await pipe.push(vp8KeyFrame)
    await pipe.push(vp8KeyFrame)
    expect(scene.heard('codec-needed')).toEqual([{ type: 'codec-needed', pipe: pipe.options.pipe }])
    expect(pipe.passed).toEqual([])
    await scene.command({ type: 'set-codec', pipe: pipe.options.pipe, mimeType: 'video/vp8' })
    await pipe.push(vp8KeyFrame)
    expect(pipe.passed).toHaveLength(1)
    expect(await scene.counters(pipe)).toMatchObject({ dropped: { 'unsupported-codec': 2 } })
  })

  test('[M6] the codec that the frame names wins over the negotiated one', async () => {
    const scene = new WorkerScene()
    await scene.installSenderKey()
    const pipe = scene.attach({ side: 'seal' })
    await scene.command({ type: 'set-codec', pipe: pipe.options.pipe, mimeType: 'video/vp8' })
    await pipe.push(vp8KeyFrame, 'video/H264')
    expect(pipe.passed).toEqual([])
  })

  test('[M10] a released pipe drops everything', async () => {
    const scene = new WorkerScene()
    await scene.installSenderKey()
    const pipe = scene.attach({ side: 'seal' })
    await scene.command({ type: 'detach', pipes: [pipe.options.pipe] })
    await pipe.push(vp8KeyFrame, vp8)
    await pipe.push(bytes(0), vp8)
    expect(pipe.passed).toEqual([])
  })

  test('[M10] a transform that is not ours is left alone', async () => {
    const scene = new WorkerScene()
    for (const options of [undefined, {}, { conclave: 'other' }, 'pipe']) {
      scene.attach({}, { options })
    }
    expect(scene.heard('attached')).toEqual([])
  })
})

test('[M27] the recorder of a test sees frames before and after; the worker has no message that adds one', async () => {
  const seen: string[] = []
  const scene = new WorkerScene((point) => void seen.push(point))
  const kid = await scene.installSenderKey()
  const sealing = scene.attach({ side: 'seal' })
  await sealing.push(vp8KeyFrame, vp8)
  await scene.giveReceiverKey(kid)
  const opening = scene.attach({})
  await opening.push(sealing.passed[0] ?? bytes(0), vp8)
  expect(seen).toEqual(['encoder', 'to-network', 'from-network', 'decoder'])
  const plain = new WorkerScene()
  await plain.command({ type: 'read-recording' } as never)
  expect(plain.said).toEqual([])
})
