import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { opusFrame, vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'
import { settle } from '../support/settle.ts'
import { alice, bob, WorkerScene } from '../support/worker-scene.ts'
import type { PlayedPipe } from '../support/worker-scene.ts'

const vp8 = 'video/vp8'

/** Frames that somebody sealed, and the key that opens them. */
const framesOf = async (fill: number, kind: 'audio' | 'video' = 'video') => {
  const scene = new WorkerScene()
  const kid = await scene.installSenderKey(fill)
  const pipe = scene.attach({ side: 'seal', kind })
  const seal = async (frame: Uint8Array): Promise<Uint8Array> => {
    await pipe.push(frame, kind === 'video' ? vp8 : 'audio/opus')
    return pipe.passed.at(-1) ?? new Uint8Array()
  }
  return { kid, fill, seal }
}

/** A receiver that has opened a frame of Alice's, and Bob's frames and key. */
const receiverOfAlice = async () => {
  const scene = new WorkerScene()
  const [ofAlice, ofBob] = [await framesOf(1), await framesOf(2)]
  await scene.giveReceiverKey(ofAlice.kid, { fill: 1 })
  let asked = 0
  const sendKeyFrameRequest = async (): Promise<void> => void (asked += 1)
  const pipe = scene.attach({}, { sendKeyFrameRequest })
  await pipe.push(await ofAlice.seal(vp8KeyFrame), vp8)
  expect(pipe.passed).toHaveLength(1)
  const giveBob = (): Promise<void> =>
    scene.giveReceiverKey(ofBob.kid, { fill: 2, participant: bob })
  return { scene, pipe, ofAlice, ofBob, giveBob, asked: () => asked }
}

const point = (scene: WorkerScene, pipe: PlayedPipe, participant = bob, turn = 1) => {
  const track = { participant, label: 'camera', kind: 'video' } as const
  return scene.request({ type: 'repoint', pipe: pipe.options.pipe, track, turn })
}

const states = (scene: WorkerScene): string[] =>
  scene.heard('state').map(({ participant, state }) => `${participant} ${state}`)

describe('a receiver that is given to another participant', () => {
  test('[M56] opens the frames of that one, and those of the one before no more', async () => {
    const { scene, pipe, ofAlice, ofBob, giveBob } = await receiverOfAlice()
    await giveBob()
    await point(scene, pipe)
    await pipe.push(await ofAlice.seal(vp8KeyFrame), vp8)
    await scene.command({ type: 'receiver-key-missing', participant: bob, kid: ofAlice.kid })
    expect(pipe.passed).toHaveLength(1)
    await pipe.push(await ofBob.seal(vp8KeyFrame), vp8)
    await pipe.push(await ofBob.seal(vp8DeltaFrame), vp8)
    expect(pipe.passed.slice(1)).toEqual([vp8KeyFrame, vp8DeltaFrame])
    expect(states(scene)).toEqual(['alice DecryptionSuccess', 'bob DecryptionSuccess'])
    expect(await scene.counters(pipe)).toMatchObject({
      participant: bob,
      opened: 2,
      before: { opened: 1 },
    })
  })

  test('[M56] drops the frames that are in the cipher', async () => {
    const { scene, pipe, ofAlice } = await receiverOfAlice()
    const late = await ofAlice.seal(vp8KeyFrame)
    const { decrypt } = SubtleCrypto.prototype
    const pointed: Promise<unknown>[] = []
    vi.spyOn(SubtleCrypto.prototype, 'decrypt').mockImplementationOnce(function (
      this: SubtleCrypto,
      ...parameters
    ) {
      pointed.push(point(scene, pipe))
      return decrypt.apply(this, parameters)
    })
    onTestFinished(() => void vi.restoreAllMocks())
    await pipe.push(late, vp8)
    await Promise.all(pointed)
    expect(pointed).toHaveLength(1)
    expect(pipe.passed).toHaveLength(1)
    expect(await scene.counters(pipe)).toMatchObject({ opened: 0, dropped: { repointed: 1 } })
  })

  test('[M56] drops the frames that wait for their key, also when the key comes', async () => {
    const { scene, pipe } = await receiverOfAlice()
    const later = await framesOf(3)
    for (const frame of [vp8KeyFrame, vp8DeltaFrame]) await pipe.push(await later.seal(frame), vp8)
    expect((await scene.counters(pipe)).waiting).toBe(2)
    await point(scene, pipe)
    await scene.giveReceiverKey(later.kid, { fill: 3 })
    expect(pipe.passed).toHaveLength(1)
    const { waiting, before } = await scene.counters(pipe)
    expect([waiting, before.dropped.repointed]).toEqual([0, 2])
  })

  test('[M57] shows nothing before a key frame, and asks for one at once and then once a second', async () => {
    const { scene, pipe, ofBob, giveBob, asked } = await receiverOfAlice()
    await giveBob()
    await point(scene, pipe)
    expect(asked()).toBe(1)
    await pipe.push(await ofBob.seal(vp8DeltaFrame), vp8)
    scene.nowMs = 1000
    for (let i = 0; i < 3; i += 1) await pipe.push(await ofBob.seal(vp8DeltaFrame), vp8)
    expect(asked()).toBe(2)
    expect(pipe.passed).toHaveLength(1)
    expect(scene.heard('first-frame')).toEqual([])
    await pipe.push(await ofBob.seal(vp8KeyFrame), vp8)
    await pipe.push(await ofBob.seal(vp8DeltaFrame), vp8)
    expect(pipe.passed).toHaveLength(3)
    const { pipe: id } = pipe.options
    expect(scene.heard('first-frame')).toEqual([{ type: 'first-frame', pipe: id, turn: 1 }])
    expect((await scene.counters(pipe)).dropped.repointed).toBe(4)
  })

  test('[M57] sound needs no key frame', async () => {
    const scene = new WorkerScene()
    const ofBob = await framesOf(2, 'audio')
    await scene.giveReceiverKey(ofBob.kid, { fill: 2, participant: bob })
    const pipe = scene.attach({ kind: 'audio' })
    const track = { participant: bob, label: 'camera', kind: 'audio' } as const
    await scene.request({ type: 'repoint', pipe: pipe.options.pipe, track, turn: 4 })
    await pipe.push(await ofBob.seal(opusFrame), 'audio/opus')
    expect(pipe.passed).toEqual([opusFrame])
    expect(scene.heard('first-frame').map(({ turn }) => turn)).toEqual([4])
  })

  test('[M58] reports no failure for the frames that come late, and a failure that persists', async () => {
    const { scene, pipe, ofAlice, ofBob } = await receiverOfAlice()
    await point(scene, pipe)
    await scene.giveReceiverKey(ofAlice.kid, { fill: 2, participant: bob })
    for (let i = 0; i < 6; i += 1) await pipe.push(await ofAlice.seal(vp8KeyFrame), vp8)
    expect((await scene.counters(pipe)).dropped['not-authentic']).toBe(6)
    expect(states(scene)).toEqual(['alice DecryptionSuccess'])
    scene.nowMs = 2000
    await scene.giveReceiverKey(ofBob.kid, { fill: 9, participant: bob })
    await pipe.push(await ofBob.seal(vp8KeyFrame), vp8)
    expect(states(scene)).toEqual(['alice DecryptionSuccess', 'bob InvalidKey'])
  })

  test('[M12, M56] a frame that was seen on another turn is a replay', async () => {
    const { scene, pipe, ofAlice } = await receiverOfAlice()
    const frame = await ofAlice.seal(vp8KeyFrame)
    await pipe.push(frame, vp8)
    await point(scene, pipe)
    await point(scene, pipe, alice, 2)
    await pipe.push(frame, vp8)
    expect((await scene.counters(pipe)).dropped.replay).toBe(1)
    expect(pipe.passed).toHaveLength(2)
  })
})

test('[M58] a receiver whose participant left drops everything and reports nothing', async () => {
  const { scene, pipe, ofAlice } = await receiverOfAlice()
  const { pipe: id } = pipe.options
  await scene.request({ type: 'repoint', pipe: id, track: undefined, turn: 1 })
  const unknown = await framesOf(3)
  for (let i = 0; i < 6; i += 1) {
    await pipe.push(await ofAlice.seal(vp8KeyFrame), vp8)
    await pipe.push(await unknown.seal(vp8KeyFrame), vp8)
  }
  await pipe.push(new Uint8Array(), vp8)
  await settle()
  expect(pipe.passed).toHaveLength(1)
  expect(states(scene)).toEqual(['alice DecryptionSuccess'])
  expect(scene.heard('key-needed')).toEqual([])
  expect(await scene.counters(pipe)).toMatchObject({ isVacant: true, dropped: { repointed: 13 } })
  await point(scene, pipe, alice, 2)
  await pipe.push(await ofAlice.seal(vp8KeyFrame), vp8)
  expect(pipe.passed).toHaveLength(2)
})

test('[M56] a sender that is given to another track seals under that label', async () => {
  const scene = new WorkerScene()
  const kid = await scene.installSenderKey()
  const pipe = scene.attach({ side: 'seal' })
  const track = { participant: alice, label: 'screen', kind: 'video' } as const
  await scene.request({ type: 'repoint', pipe: pipe.options.pipe, track, turn: 1 })
  await pipe.push(vp8DeltaFrame, vp8)
  await scene.giveReceiverKey(kid)
  const [camera, screen] = [scene.attach({}), scene.attach({ label: 'screen' })]
  for (const receiver of [camera, screen]) await receiver.push(pipe.passed[0] ?? vp8KeyFrame, vp8)
  expect([camera.passed, screen.passed]).toEqual([[], [vp8DeltaFrame]])
})
