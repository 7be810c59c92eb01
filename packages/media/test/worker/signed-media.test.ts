/** Signed media at both ends of the worker: what a sender writes, and how a receiver takes it over a bad network. */
import { describe, expect, test } from 'vitest'
import { concatBytes } from '@conclave/base'
import { createSessionKeys } from '@conclave/e2ee/session'
import { vp8DeltaFrame, vp8KeyFrame } from '../support/frames.ts'
import {
  certify,
  opus,
  readSound,
  SigningSender,
  soundFrame,
  startScene,
  VerifyingReceiver,
} from '../support/signed-scene.ts'
import { createRandom } from '@conclave/base/testing'

const call = async () => {
  const alice = await SigningSender.create()
  return { alice, bob: await VerifyingReceiver.create(alice) }
}

const dropped = async ({ scene, pipe }: VerifyingReceiver) => (await scene.counters(pipe)).dropped

describe('a sender that signs', () => {
  test('[M88, M10] seals nothing before its session has certified the key of its worker', async () => {
    const session = await createSessionKeys()
    const scene = await startScene(true)
    await scene.installSenderKey()
    const pipe = scene.attach({ side: 'seal', participant: session.id, kind: 'audio' })
    await pipe.push(soundFrame(1), opus)
    expect(pipe.passed).toEqual([])
    expect((await scene.counters(pipe)).dropped['missing-key']).toBe(1)
    await certify(scene, session)
    await pipe.push(soundFrame(2), opus)
    expect(pipe.passed).toHaveLength(1)
  })

  test('[M91] closes a batch every 250 ms, with the frame that carries it', async () => {
    const { alice } = await call()
    const carried: [number, number, number][] = []
    for (const [counter, frame] of (await alice.sealMany(27)).entries()) {
      const { items } = await readSound(alice, frame, counter)
      for (const { from, to } of items?.batches ?? []) carried.push([counter, from, to])
    }
    // The first frame signs only itself; the others come again after 100, 500 and 1,250 ms.
    expect(carried).toEqual([
      [0, 0, 0],
      [13, 1, 13],
      [18, 1, 13],
      [26, 14, 26],
    ])
  })

  test('[M91] closes a batch at 32 frames', async () => {
    const alice = await SigningSender.create()
    const frames = []
    for (let at = 0; at < 34; at += 1) frames.push(await alice.seal(1))
    const { items } = await readSound(alice, frames[32] ?? new Uint8Array(), 32)
    expect(items?.batches.map(({ from, to }) => [from, to])).toEqual([[1, 32]])
  })

  test('[M91] signs each frame of a screen by itself, and repeats none', async () => {
    const alice = await SigningSender.create({ label: 'screen', kind: 'audio' })
    for (const [counter, frame] of (await alice.sealMany(30)).entries()) {
      const { items } = await readSound(alice, frame, counter)
      expect(items?.batches.map(({ from, to }) => [from, to])).toEqual([[counter, counter]])
    }
  })

  test('[M91] with another key closes the batch of the one before, and signs its first frame', async () => {
    const { alice } = await call()
    await alice.sealMany(5)
    const before = alice.kid
    await alice.rotate()
    const { items } = await readSound(alice, await alice.seal(), 0)
    expect(items?.batches.map(({ kid, from, to }) => [kid, from, to])).toEqual([
      [before, 1, 4],
      [alice.kid, 0, 0],
    ])
  })

  test('[M92] carries each batch four times, and a certificate each 500 ms', async () => {
    const { alice } = await call()
    const times = new Map<number, number>()
    const certified: number[] = []
    for (const [counter, frame] of (await alice.sealMany(150)).entries()) {
      const { items } = await readSound(alice, frame, counter)
      for (const { from } of items?.batches ?? []) times.set(from, (times.get(from) ?? 0) + 1)
      if (items?.certificates.length) certified.push(counter)
    }
    expect([...times].slice(0, 6).map(([, count]) => count)).toEqual([1, 4, 4, 4, 4, 4])
    expect(certified).toEqual([0, 25, 50, 75, 100, 125])
  })

  test('[M92] carries them on each layer by itself, and on no higher temporal layer', async () => {
    const alice = await SigningSender.create({ label: 'camera', kind: 'video' })
    const low = await VerifyingReceiver.create(alice)
    const high = await VerifyingReceiver.create(alice)
    let [temporal, shown] = [0, 0]
    for (let at = 0; at < 240; at += 1) {
      for (const [layer, receiver] of [low, high].entries()) {
        const frame = concatBytes(at === 0 ? vp8KeyFrame : vp8DeltaFrame, [at, layer])
        const of = { synchronizationSource: 7 + layer, temporalIndex: at % 4 === 0 ? 0 : 1 }
        const sealed = await alice.sealAs(frame, { ms: 16, mimeType: 'video/vp8', layer: of })
        // The server gives each receiver one layer, and the low one without its upper temporal layer.
        if (layer === 0 && of.temporalIndex > 0) {
          temporal += 1
          receiver.scene.nowMs += 32
        } else if (await receiver.receive(sealed, { ms: 32, mimeType: 'video/vp8' })) shown += 1
      }
    }
    expect([temporal, shown]).toEqual([180, 300])
    expect([low.hasStopped, high.hasStopped]).toEqual([false, false])
  })

  test('[M92] puts nothing on frames of higher temporal layers', async () => {
    const { alice } = await call()
    const carrying: number[] = []
    for (let at = 0; at < 60; at += 1) {
      const layer = { synchronizationSource: 5, temporalIndex: at % 4 === 1 ? 0 : 2 }
      const sealed = await alice.sealAs(soundFrame(at), { ms: 40, mimeType: opus, layer })
      const { items } = await readSound(alice, sealed, at)
      if (items?.certificates.length || items?.batches.length) carrying.push(at)
    }
    expect(carrying.length).toBeGreaterThan(8)
    expect(carrying.filter((at) => at % 4 !== 1)).toEqual([])
  })

  test('[M89] gives a decoder exactly what the encoder gave', async () => {
    const { alice, bob } = await call()
    const frames = await alice.sealMany(40)
    expect(await bob.receiveAll(frames)).toBe(40)
    expect(bob.pipe.passed).toEqual(frames.map((_, number) => soundFrame(number)))
  })
})

describe('a frame of the other sort', () => {
  test('[M89, M11] of somebody who signs, without signatures: does not open', async () => {
    const { alice, bob } = await call()
    const plain = await startScene(false)
    const kid = await plain.installSenderKey(1)
    const { label, kind, participant } = alice.pipe.options
    const pipe = plain.attach({ side: 'seal', participant, label, kind })
    await pipe.push(soundFrame(1), opus)
    await bob.scene.giveReceiverKey(kid, { fill: 1, participant: alice.session.id, isSigned: true })
    expect(await bob.receive(pipe.passed[0] ?? new Uint8Array())).toBe(false)
    expect((await dropped(bob))['not-authentic']).toBe(1)
    expect(await bob.receive(await alice.seal())).toBe(true)
  })

  test('[M89] of somebody who does not sign, with signatures: does not open', async () => {
    const alice = await SigningSender.create()
    const bob = await VerifyingReceiver.create(alice, { isSigned: false })
    expect(await bob.receive(await alice.seal())).toBe(false)
    expect((await dropped(bob))['not-authentic']).toBe(1)
  })
})

describe('a network', () => {
  test('[M93, M94] that loses a tenth of the frames, for two minutes, stops nothing', async () => {
    const { alice, bob } = await call()
    const random = createRandom(9)
    let shown = 0
    let sent = 0
    for (let at = 0; at < 3000; at += 1) {
      const frame = await alice.seal(40)
      bob.scene.nowMs += 40
      if (random() < 0.1) continue
      sent += 1
      if (await bob.receive(frame, { ms: 0 })) shown += 1
    }
    expect(shown).toBe(sent)
    expect(bob.hasStopped).toBe(false)
  })

  test('[M93] that repeats, delays and reorders frames, and their batches with them, stops nothing', async () => {
    const { alice, bob } = await call()
    const random = createRandom(4)
    const queue: Uint8Array[] = []
    let shown = 0
    const deliver = async (at: number): Promise<void> => {
      const [frame] = queue.splice(at, 1)
      if (frame && (await bob.receive(frame))) shown += 1
    }
    for (let at = 0; at < 300; at += 1) {
      const frame = await alice.seal()
      queue.push(frame)
      if (at % 7 === 0) queue.push(frame)
      while (queue.length > 20) await deliver(Math.floor(random() * queue.length))
    }
    while (queue.length > 0) await deliver(0)
    expect(shown).toBe(300)
    expect(bob.hasStopped).toBe(false)
  })

  test('[M94] that is away for some seconds, several times, stops nothing', async () => {
    const { alice, bob } = await call()
    for (let away = 0; away < 4; away += 1) {
      for (const frame of await alice.sealMany(500)) expect(await bob.receive(frame)).toBe(true)
      await alice.sealMany(200)
      bob.scene.nowMs += 4000
    }
    expect(bob.hasStopped).toBe(false)
  })

  test('[M94] after a pause of any length the next frame carries what the last ones lack', async () => {
    const { alice, bob } = await call()
    for (let talk = 0; talk < 40; talk += 1) {
      for (const frame of await alice.sealMany(20)) expect(await bob.receive(frame)).toBe(true)
      alice.scene.nowMs += 3000
      bob.scene.nowMs += 3000
    }
    expect(bob.hasStopped).toBe(false)
  })

  test('[M93] a receiver that comes later begins with the next certificate', async () => {
    const { alice } = await call()
    await alice.sealMany(60)
    const late = await VerifyingReceiver.create(alice)
    expect(await late.receiveAll(await alice.sealMany(200))).toBe(200)
    expect(late.hasStopped).toBe(false)
  })

  test('[M91, M93] frames go on while keys rotate', async () => {
    const { alice, bob } = await call()
    for (let rotation = 0; rotation < 5; rotation += 1) {
      expect(await bob.receiveAll(await alice.sealMany(37))).toBe(37)
      await alice.rotate()
      await bob.giveKey(alice)
    }
    expect(await bob.receiveAll(await alice.sealMany(150))).toBe(150)
    expect(bob.hasStopped).toBe(false)
  })

  test('[M88] a worker that starts again has another key, which is certified too', async () => {
    const { alice, bob } = await call()
    expect(await bob.receiveAll(await alice.sealMany(60))).toBe(60)
    await certify(alice.scene, alice.session)
    expect(await bob.receiveAll(await alice.sealMany(300))).toBe(300)
    expect(bob.hasStopped).toBe(false)
  })
})
