/** Members with the key of somebody who signs her media, and a server that brings what they make. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { concatBytes } from '@conclave/base'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { encodeBatch } from '../../src/worker/signing/batch.ts'
import { batchItem, certificateItem } from '../../src/worker/signing/extension.ts'
import { digestFrame } from '../../src/worker/signing/frame-digest.ts'
import { vp8KeyFrame } from '../support/frames.ts'
import {
  certify,
  Forger,
  opus,
  readSound,
  SigningSender,
  soundFrame,
  VerifyingReceiver,
} from '../support/signed-scene.ts'
import { settle } from '../support/settle.ts'

const call = async () => {
  const alice = await SigningSender.create()
  return { alice, bob: await VerifyingReceiver.create(alice) }
}

const dropped = async ({ scene, pipe }: VerifyingReceiver) => (await scene.counters(pipe)).dropped

describe('a member with the key of somebody who signs, and a server that brings what it makes', () => {
  test('[M93, M94, M95] a frame in the place of a genuine one stops the track, at once, for good', async () => {
    const { alice, bob } = await call()
    expect(await bob.receiveAll(await alice.sealMany(20))).toBe(20)
    const forger = await Forger.create(alice)
    // Genuine frames 21 to 26 are held back: the batch with them brings the proof.
    expect(await bob.receive(await forger.forge(20))).toBe(true)
    const genuine = await alice.sealMany(7)
    expect(await bob.receiveAll(genuine.slice(1))).toBe(5)
    expect(bob.scene.heard('forged')).toEqual([
      { type: 'forged', participant: alice.session.id, label: 'microphone', kind: 'audio' },
    ])
    expect(await bob.receiveAll(await alice.sealMany(20))).toBe(0)
    expect(bob.scene.heard('state').at(-1)).toMatchObject({
      state: 'DecryptionFailed',
      reason: 'not-signed',
    })
    expect((await dropped(bob))['not-signed']).toBe(21)
  })

  test('[M93] a frame under a counter that a batch covers and does not list is never shown', async () => {
    const alice = await SigningSender.create()
    const other = alice.scene.attach({ side: 'seal', participant: alice.session.id })
    const bob = await VerifyingReceiver.create(alice)
    await alice.sealMany(5)
    // The counter of a frame of her camera.
    await other.push(vp8KeyFrame, 'video/vp8')
    expect(await bob.receiveAll(await alice.sealMany(60))).toBe(60)
    const forger = await Forger.create(alice)
    expect(await bob.receive(await forger.forge(5))).toBe(false)
    expect(bob.hasStopped).toBe(true)
  })

  test('[M94] frames whose batches never come are shown for 2.7 s', async () => {
    const { alice, bob } = await call()
    expect(await bob.receiveAll(await alice.sealMany(30))).toBe(30)
    const forger = await Forger.create(alice)
    let shown = 0
    for (let at = 1000; at < 1300; at += 1) {
      if (await bob.receive(await forger.forge(at))) shown += 1
    }
    // 2 s of sound, and as many that may lapse; four of Alice's frames waited for the next batch.
    expect(shown).toBeLessThanOrEqual(135)
    expect(bob.hasStopped).toBe(true)
  })

  test('[M94] under a KID of the forger’s own choice too', async () => {
    const { alice, bob } = await call()
    expect(await bob.receiveAll(await alice.sealMany(30))).toBe(30)
    const otherKid = 0x99aabbccddee01n
    const forger = await Forger.create(alice, { otherKid })
    await bob.scene.giveReceiverKey(otherKid, {
      ...{ fill: 1, participant: alice.session.id, isSigned: true },
    })
    let shown = 0
    for (let at = 0; at < 300 && !bob.hasStopped; at += 1) {
      await bob.receive(await alice.seal(), { ms: 10 })
      if (await bob.receive(await forger.forge(at), { ms: 10 })) shown += 1
    }
    expect(bob.hasStopped).toBe(true)
    expect(shown).toBeLessThanOrEqual(135)
  })

  test('[M94] a few of them now and then, under a KID of the forger’s choice, are 32 at most', async () => {
    const { alice, bob } = await call()
    expect(await bob.receiveAll(await alice.sealMany(30))).toBe(30)
    const otherKid = 0x99aabbccddee01n
    const forger = await Forger.create(alice, { otherKid })
    await bob.scene.giveReceiverKey(otherKid, {
      ...{ fill: 1, participant: alice.session.id, isSigned: true },
    })
    let shown = 0
    for (let at = 0; at < 60 && !bob.hasStopped; at += 1) {
      if (await bob.receive(await forger.forge(at))) shown += 1
      await bob.receiveAll(await alice.sealMany(150))
    }
    // The last one waits for two seconds.
    expect(shown).toBe(33)
    expect(bob.hasStopped).toBe(true)
  })

  test('[M94] under counters below those of her first batch too', async () => {
    const alice = await SigningSender.create()
    const bob = await VerifyingReceiver.create(alice)
    await alice.sealMany(300)
    expect(await bob.receiveAll(await alice.sealMany(60))).toBe(60)
    const forger = await Forger.create(alice)
    let shown = 0
    for (let at = 0; at < 40 && !bob.hasStopped; at += 1) {
      if (await bob.receive(await forger.forge(at))) shown += 1
      await bob.receiveAll(await alice.sealMany(110))
    }
    expect(shown).toBe(33)
    expect(bob.hasStopped).toBe(true)
  })

  test('[M94] a frame under a counter that she has not reached stops the track when she reaches it', async () => {
    const { alice, bob } = await call()
    expect(await bob.receiveAll(await alice.sealMany(30))).toBe(30)
    const forger = await Forger.create(alice)
    expect(await bob.receive(await forger.forge(430))).toBe(true)
    // It lapsed long before.
    expect(await bob.receiveAll(await alice.sealMany(400))).toBe(400)
    expect(bob.hasStopped).toBe(false)
    await bob.receiveAll(await alice.sealMany(40))
    expect(bob.hasStopped).toBe(true)
  })

  test('[M94] a flood of them in no time stops the track before it is kept', async () => {
    const { alice, bob } = await call()
    await bob.receive(await alice.seal())
    const forger = await Forger.create(alice)
    let shown = 0
    for (let at = 1000; at < 1300; at += 1) {
      if (await bob.receive(await forger.forge(at), { ms: 0 })) shown += 1
    }
    expect(shown).toBe(256)
    expect(bob.hasStopped).toBe(true)
  })

  test('[M88, M93] a certificate of the forger’s own session is not taken, nor are batches under its key', async () => {
    const { alice } = await call()
    const mallory = await SigningSender.create({
      ...{ label: 'microphone', kind: 'audio' },
      participant: alice.session.id,
    })
    const bob = await VerifyingReceiver.create(alice)
    await bob.scene.giveReceiverKey(mallory.kid, {
      ...{ fill: 1, participant: alice.session.id, isSigned: true },
    })
    let shown = 0
    for (let at = 0; at < 300; at += 1) if (await bob.receive(await mallory.seal())) shown += 1
    expect(bob.hasStopped).toBe(true)
    expect(shown).toBeLessThanOrEqual(135)
  })

  test('[M88] a certificate for another room is not taken', async () => {
    const { alice, bob } = await call()
    await certify(alice.scene, alice.session, bytesToRoomId(new Uint8Array(16).fill(8)) as RoomId)
    await bob.receiveAll(await alice.sealMany(300))
    expect(bob.hasStopped).toBe(true)
  })

  test('[M90, M93] batches of her other track, in frames of this one, prove nothing', async () => {
    const { alice, bob } = await call()
    await bob.receiveAll(await alice.sealMany(2))
    const forger = await Forger.create(alice)
    // Her own key signs, as for her camera: the first one that is said to be of this track is false.
    const camera = alice.scene.attach({
      ...{ side: 'seal', kind: 'audio', label: 'camera' },
      participant: alice.session.id,
    })
    await camera.push(soundFrame(77), opus)
    const { kid, fill } = alice
    const ofCamera = { kid, fill, pipe: camera }
    const sealed = camera.passed[0] ?? new Uint8Array()
    const [batch] = (await readSound(ofCamera, sealed, 2)).items?.batches ?? []
    if (batch === undefined) throw new Error('expected a batch')
    const item = batchItem(batch.content, batch.signature)
    expect(await bob.receive(await forger.forge(3, { items: [item] }))).toBe(false)
    expect(bob.hasStopped).toBe(true)
  })

  test('[M93, M96] a batch with a changed bit stops the track before it shows the frame that carries it', async () => {
    const { alice, bob } = await call()
    const frames = await alice.sealMany(14)
    await bob.receiveAll(frames.slice(0, 13))
    const { items } = await readSound(alice, frames[13] ?? new Uint8Array(), 13)
    const [batch] = items?.batches ?? []
    if (batch === undefined) throw new Error('expected a batch')
    const forger = await Forger.create(alice)
    for (const at of [20, batch.content.length + 5]) {
      const receiver = await VerifyingReceiver.create(alice)
      await receiver.receiveAll(frames.slice(0, 13))
      const item = batchItem(batch.content, batch.signature)
      item[at] = (item[at] ?? 0) ^ 1
      expect(await receiver.receive(await forger.forge(13, { items: [item] }))).toBe(false)
      expect(receiver.hasStopped).toBe(true)
    }
    expect(bob.hasStopped).toBe(false)
  })

  test('[M93, M90] a batch of the forger’s content under another key’s name is ignored, and its frames lapse', async () => {
    const { alice, bob } = await call()
    await bob.receiveAll(await alice.sealMany(2))
    const forger = await Forger.create(alice)
    const counter = 400
    const rest = soundFrame(9)
    const digest = await digestFrame(rest, forger.additionalData(counter))
    const batch = { kid: alice.kid, from: counter, digests: new Map([[counter, digest]]) }
    const item = batchItem(encodeBatch({ ...batch, hint: 0xffff }), new Uint8Array(64))
    const verify = countCalls('verify')
    expect(await bob.receive(await forger.forge(counter, { rest, items: [item] }))).toBe(true)
    expect(verify()).toBe(0)
    expect(bob.hasStopped).toBe(false)
  })

  test('[M89, M93] an extension that is truncated or malformed stops the track', async () => {
    const { alice } = await call()
    const forger = await Forger.create(alice)
    const forms = [
      [],
      [5],
      [0, 1],
      [1, 2, 3, 0, 4],
      [7, 0, 1],
      concatBytes([2], new Uint8Array(90), [0, 91]),
      concatBytes(certificateItem(new Uint8Array(127)), [0, 128]),
    ]
    for (const [counter, form] of forms.entries()) {
      const bob = await VerifyingReceiver.create(alice)
      const plain = Uint8Array.from(form)
      expect(await bob.receive(await forger.seal(counter, plain))).toBe(false)
      expect(bob.hasStopped, form.toString()).toBe(true)
    }
  })

  test('[M96] of certificates in a flood four are verified', async () => {
    const { alice, bob } = await call()
    await bob.receive(await alice.seal())
    const forger = await Forger.create(alice)
    const verify = countCalls('verify')
    for (let at = 0; at < 40; at += 1) {
      // They name her session, and keys of their maker's choice.
      const items = Array.from({ length: 5 }, (_, number) =>
        certificateItem(
          concatBytes(alice.session.signingKey, [at, number], new Uint8Array(94).fill(9)),
        ),
      )
      await bob.receive(await forger.forge(2000 + at, { items }), { ms: 1 })
    }
    // Hers took one of them.
    expect(verify()).toBe(3)
  })

  test('[M96] of good batches in a flood 32 are verified', async () => {
    const alice = await SigningSender.create({ label: 'screen', kind: 'audio' })
    const bob = await VerifyingReceiver.create(alice)
    const batches: Uint8Array[] = []
    for (const [counter, frame] of (await alice.sealMany(60)).entries()) {
      if (counter === 0) await bob.receive(frame)
      const { items } = await readSound(alice, frame, counter)
      for (const { content, signature } of items?.batches ?? [])
        batches.push(batchItem(content, signature))
    }
    const forger = await Forger.create(alice)
    const verify = countCalls('verify')
    for (let at = 0; at < 40; at += 1) {
      const items = [0, 1, 2].map((add) => batches[(at * 3 + add) % 60] ?? new Uint8Array())
      await bob.receive(await forger.forge(2000 + at, { items }), { ms: 0 })
    }
    // The frame before took one.
    expect(verify()).toBe(31)
    expect(bob.hasStopped).toBe(false)
  })

  test('[M95] another track of the same participant goes on, and another connection of the same one does not', async () => {
    const { alice, bob } = await call()
    const forger = await Forger.create(alice)
    await bob.receive(await forger.seal(5, new Uint8Array()))
    expect(bob.hasStopped).toBe(true)
    const { label, kind, participant } = alice.pipe.options
    const again = bob.scene.attach({ participant, label, kind })
    await again.push(await alice.seal(), opus)
    expect(again.passed).toEqual([])
    const camera = alice.scene.attach({ side: 'seal', participant, label: 'camera', kind: 'audio' })
    await camera.push(soundFrame(1), opus)
    const seen = bob.scene.attach({ participant, label: 'camera', kind: 'audio' })
    await seen.push(camera.passed[0] ?? new Uint8Array(), opus)
    expect(seen.passed).toEqual([soundFrame(1)])
    expect(bob.scene.heard('forged')).toHaveLength(1)
  })

  test('[M93] frames that she sealed herself are shown as before, until the forger comes', async () => {
    const { alice, bob } = await call()
    expect(await bob.receiveAll(await alice.sealMany(100))).toBe(100)
    await settle()
    expect(bob.scene.heard('state').map(({ state }) => state)).toEqual(['DecryptionSuccess'])
  })
})

/** Counts the calls of an operation of WebCrypto from now on. */
const countCalls = (name: 'verify'): (() => number) => {
  let count = 0
  const original = SubtleCrypto.prototype[name] as (...parameters: unknown[]) => unknown
  const counted = function (this: SubtleCrypto, ...parameters: unknown[]): unknown {
    count += 1
    return original.apply(this, parameters)
  }
  Object.defineProperty(SubtleCrypto.prototype, name, { value: counted, configurable: true })
  onTestFinished(
    () =>
      void Object.defineProperty(SubtleCrypto.prototype, name, {
        value: original,
        configurable: true,
      }),
  )
  return () => count
}
