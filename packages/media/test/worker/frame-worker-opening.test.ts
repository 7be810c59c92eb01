import { randomParticipantId } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { importBaseKey } from '../../src/page/base-key.ts'
import { NO_DROPS } from '../../src/shared/frame-counters.ts'
import { bytes, vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'
import { alice, WorkerScene } from '../support/worker-scene.ts'

const vp8 = 'video/VP8'

/** A scene that seals, and the frames it sealed. */
const sealedFrames = async (count: number): Promise<{ kid: bigint; frames: Uint8Array[] }> => {
  const scene = new WorkerScene()
  const kid = await scene.installSenderKey()
  const pipe = scene.attach({ side: 'seal' })
  for (let i = 0; i < count; i += 1) await pipe.push(i === 0 ? vp8KeyFrame : vp8DeltaFrame, vp8)
  return { kid, frames: pipe.passed }
}

describe('opening', () => {
  test('[M13, M14] the key is asked for once, frames wait in order, and then they open', async () => {
    const { kid, frames } = await sealedFrames(3)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    for (const frame of frames) await pipe.push(frame, vp8)
    expect(scene.heard('key-needed')).toEqual([{ type: 'key-needed', participant: alice, kid }])
    expect(pipe.passed).toEqual([])
    expect(await scene.counters(pipe)).toMatchObject({ waiting: 3, opened: 0 })
    await scene.giveReceiverKey(kid)
    expect(pipe.passed).toEqual([vp8KeyFrame, vp8DeltaFrame, vp8DeltaFrame])
    expect(scene.heard('state').map(({ state }) => state)).toEqual(['DecryptionSuccess'])
  })

  test('[M14] more than 256 do not wait', async () => {
    const { kid, frames } = await sealedFrames(264)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    for (const frame of frames) await pipe.push(frame, vp8)
    const dropped = { 'missing-key': 257 }
    expect(await scene.counters(pipe)).toMatchObject({ waiting: 7, dropped })
    await scene.giveReceiverKey(kid)
    expect(pipe.passed).toHaveLength(7)
  })

  test('[M14] more than 4 MiB do not wait', async () => {
    const { kid, frames } = await sealedFrames(1)
    const [sealed = bytes(0)] = frames
    const unknown = bytes(2 ** 20 + 1)
    unknown.set(sealed)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    for (let i = 0; i < 4; i += 1) await pipe.push(unknown.slice(), vp8)
    expect(await scene.counters(pipe)).toMatchObject({ waiting: 0, dropped: { 'missing-key': 4 } })
    for (let i = 0; i < 3; i += 1) await pipe.push(unknown.slice(), vp8)
    await pipe.push(sealed, vp8)
    expect(await scene.counters(pipe)).toMatchObject({ waiting: 4, dropped: { 'missing-key': 4 } })
    await scene.giveReceiverKey(kid)
    expect(pipe.passed).toEqual([vp8KeyFrame])
  })

  test('[M14] keys that are resolved one after the other while frames come cost no frame', async () => {
    const { kid, frames } = await sealedFrames(3)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    const retries = (count: number) => {
      const command = { type: 'receiver-key-missing', participant: alice, kid: 0n } as const
      return Promise.all(Array.from({ length: count }, () => scene.command(command)))
    }
    const pushes = frames.map(async (frame) => {
      const pushed = pipe.push(frame, vp8)
      await retries(20)
      await pushed
    })
    await Promise.all(pushes)
    await Promise.all([scene.giveReceiverKey(kid), retries(20)])
    expect(pipe.passed).toEqual([vp8KeyFrame, vp8DeltaFrame, vp8DeltaFrame])
    expect(await scene.counters(pipe)).toMatchObject({ opened: 3, waiting: 0, dropped: NO_DROPS })
  })

  test('[M14] without a key the waiting frames are dropped, and later ones at once', async () => {
    const { kid, frames } = await sealedFrames(3)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    for (const frame of frames.slice(0, 2)) await pipe.push(frame, vp8)
    await scene.command({ type: 'receiver-key-missing', participant: alice, kid })
    await pipe.push(frames[2] ?? bytes(0), vp8)
    expect(await scene.counters(pipe)).toMatchObject({ waiting: 0, dropped: { 'missing-key': 3 } })
    expect(scene.heard('state')).toMatchObject([
      { state: 'MissingKey', reason: 'missing-key', label: 'camera' },
    ])
    expect(scene.heard('key-needed')).toHaveLength(1)
  })

  test('[M15] a new epoch is a new chance for a key', async () => {
    const { kid, frames } = await sealedFrames(2)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    await pipe.push(frames[0] ?? bytes(0), vp8)
    await scene.command({ type: 'receiver-key-missing', participant: alice, kid })
    await scene.command({ type: 'epoch-changed' })
    await pipe.push(frames[1] ?? bytes(0), vp8)
    expect(scene.heard('key-needed')).toHaveLength(2)
    await scene.giveReceiverKey(kid)
    expect(pipe.passed).toEqual([vp8DeltaFrame])
  })

  test('[M15] the keys of retired epochs open nothing, also those being delivered', async () => {
    const { kid, frames } = await sealedFrames(3)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    await scene.giveReceiverKey(kid)
    await pipe.push(frames[0] ?? bytes(0), vp8)
    await scene.command({ type: 'retire', epochs: { first: 0n, last: 0n } })
    await pipe.push(frames[1] ?? bytes(0), vp8)
    expect(pipe.passed).toHaveLength(1)
    expect(await scene.counters(pipe)).toMatchObject({ dropped: { 'missing-key': 1 } })
    const late = new WorkerScene()
    const latePipe = late.attach({})
    const baseKey = await importBaseKey(new Uint8Array(16).fill(1))
    const given = late.command({
      type: 'receiver-key',
      participant: alice,
      kid,
      epoch: 0n,
      baseKey,
    })
    await late.command({ type: 'retire', epochs: { first: 0n, last: 0n } })
    await given
    await latePipe.push(frames[0] ?? bytes(0), vp8)
    expect(latePipe.passed).toEqual([])
  })

  test('[M13, K22] only the first frame that authenticates under a key reports it', async () => {
    const { kid, frames } = await sealedFrames(2)
    const [first = bytes(0), second = bytes(0)] = frames
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    await scene.giveReceiverKey(kid)
    await pipe.push(first.with(-1, (first.at(-1) ?? 0) ^ 1), vp8)
    expect(scene.heard('key-proven')).toEqual([])
    await pipe.push(first, vp8)
    await pipe.push(second, vp8)
    expect(scene.heard('key-proven')).toEqual([
      { type: 'key-proven', participant: alice, epoch: 0n },
    ])
  })

  test('[M15] a retirement of one participant leaves the keys of another', async () => {
    const { kid, frames } = await sealedFrames(2)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    await scene.giveReceiverKey(kid)
    const epochs = { first: 0n, last: 0n }
    await scene.command({ type: 'retire', epochs, participant: randomParticipantId() })
    await pipe.push(frames[0] ?? bytes(0), vp8)
    await scene.command({ type: 'retire', epochs, participant: alice })
    await pipe.push(frames[1] ?? bytes(0), vp8)
    expect(pipe.passed).toHaveLength(1)
  })

  test('[M17] an announced key is asked for before any frame', async () => {
    const { kid, frames } = await sealedFrames(1)
    const scene = new WorkerScene()
    await scene.command({ type: 'prepare', participant: alice, kid })
    expect(scene.heard('key-needed')).toEqual([{ type: 'key-needed', participant: alice, kid }])
    await scene.giveReceiverKey(kid)
    const pipe = scene.attach({})
    await pipe.push(frames[0] ?? bytes(0), vp8)
    expect(pipe.passed).toEqual([vp8KeyFrame])
    expect(scene.heard('key-needed')).toHaveLength(1)
  })

  test('[M12] a frame played on one connection is a replay on the next', async () => {
    const { kid, frames } = await sealedFrames(1)
    const scene = new WorkerScene()
    await scene.giveReceiverKey(kid)
    const first = scene.attach({})
    await first.push(frames[0] ?? bytes(0), vp8)
    await scene.command({ type: 'detach', pipes: [first.options.pipe] })
    const second = scene.attach({})
    await second.push(frames[0] ?? bytes(0), vp8)
    expect(second.passed).toEqual([])
    expect(await scene.counters(second)).toMatchObject({ dropped: { replay: 1 } })
  })

  test('[M32] frames that the network repeats are counted, and are no failure, first of all or later', async () => {
    const { kid, frames } = await sealedFrames(4)
    const scene = new WorkerScene()
    await scene.giveReceiverKey(kid)
    const first = scene.attach({})
    for (const frame of frames.slice(0, 3)) {
      for (let repeats = 0; repeats < 8; repeats += 1) await first.push(frame, vp8)
    }
    expect(await scene.counters(first)).toMatchObject({ opened: 3, dropped: { replay: 21 } })
    expect(scene.heard('state').map(({ state }) => state)).toEqual(['DecryptionSuccess'])
    await scene.command({ type: 'detach', pipes: [first.options.pipe] })
    const second = scene.attach({})
    for (const frame of frames) await second.push(frame, vp8)
    expect(await scene.counters(second)).toMatchObject({ opened: 1, dropped: { replay: 3 } })
    expect(scene.heard('state').map(({ state }) => state)).toEqual([
      'DecryptionSuccess',
      'DecryptionSuccess',
    ])
  })

  test('[M13] a flood of KIDs makes eight questions, and the genuine key still opens', async () => {
    const { kid, frames } = await sealedFrames(1)
    const scene = new WorkerScene()
    await scene.giveReceiverKey(kid)
    const pipe = scene.attach({ label: 'camera' })
    const forged = frames[0] ?? bytes(0)
    for (let i = 0; i < 50; i += 1) {
      await pipe.push(forged.with(12, i + 1).with(13, i), vp8)
      for (const asked of scene.heard('key-needed')) {
        await scene.command({ type: 'receiver-key-missing', participant: alice, kid: asked.kid })
      }
    }
    expect(scene.heard('key-needed')).toHaveLength(8)
    await pipe.push(forged, vp8)
    expect(pipe.passed).toEqual([vp8KeyFrame])
  })

  test('[M22] video that lacked its key asks for a key frame, not more than once a second', async () => {
    const { kid, frames } = await sealedFrames(8)
    const scene = new WorkerScene()
    let asked = 0
    const sendKeyFrameRequest = async () => {
      asked += 1
    }
    const pipe = scene.attach({}, { sendKeyFrameRequest })
    const lose = async (frame: Uint8Array | undefined) => {
      await pipe.push(frame ?? bytes(0), vp8)
      await scene.command({ type: 'receiver-key-missing', participant: alice, kid })
    }
    await lose(frames[0])
    expect(asked).toBe(0)
    await scene.giveReceiverKey(kid)
    await pipe.push(frames[1] ?? bytes(0), vp8)
    await pipe.push(frames[2] ?? bytes(0), vp8)
    expect(asked).toBe(1)
    await scene.command({ type: 'retire', epochs: { first: 0n, last: 0n } })
    expect(await scene.counters(pipe)).toMatchObject({ keyFrameRequests: 1, opened: 2 })
  })

  test('[M101, M22] the page has a decoder that stands still: its sender is asked, not more than once a second', async () => {
    const scene = new WorkerScene()
    let asked = 0
    const pipe = scene.attach({}, { sendKeyFrameRequest: async () => void (asked += 1) })
    const ask = (id: number) => scene.command({ type: 'ask-key-frame', pipe: id })
    await ask(pipe.options.pipe)
    await ask(pipe.options.pipe)
    await ask(99)
    expect(asked).toBe(1)
    expect(await scene.counters(pipe)).toMatchObject({ keyFrameRequests: 1 })
    // Encoded streams have no way to ask.
    await ask(scene.attach({}).options.pipe)
  })

  test('[M22] the encoder is asked through its transformer where it has the method', async () => {
    const scene = new WorkerScene()
    let asked = 0
    const able = scene.attach({ side: 'seal' }, { generateKeyFrame: async () => void (asked += 1) })
    const unable = scene.attach({ side: 'seal' })
    const ask = (pipe: number) => scene.request({ type: 'make-key-frame', pipe })
    expect(await ask(able.options.pipe)).toEqual({ isAsked: true })
    expect(await ask(unable.options.pipe)).toEqual({ isAsked: false })
    expect(await ask(99)).toEqual({ isAsked: false })
    expect(asked).toBe(1)
  })

  test('[M11] the end of a connection is no error', async () => {
    const { frames } = await sealedFrames(1)
    const scene = new WorkerScene()
    const pipe = scene.attach({})
    await pipe.push(frames[0] ?? bytes(0), vp8)
    await pipe.end()
    expect(scene.heard('state')).toEqual([])
  })

  test('[M11] a frame that cannot be read is dropped, and the next one opens', async () => {
    const { kid, frames } = await sealedFrames(1)
    const scene = new WorkerScene()
    await scene.giveReceiverKey(kid)
    const pipe = scene.attach({})
    await pipe.push(Uint8Array.of(1), vp8)
    await pipe.push(Uint8Array.of(0, 1, 2), vp8)
    await pipe.push(frames[0] ?? bytes(0), vp8)
    expect(pipe.passed).toEqual([vp8KeyFrame])
  })
})
