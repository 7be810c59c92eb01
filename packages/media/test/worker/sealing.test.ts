import { describe, expect, test } from 'vitest'
import { importBaseKey } from '../../src/page/base-key.ts'
import { openFrame } from '../../src/worker/frame-opener.ts'
import { sealFrame } from '../../src/worker/frame-sealer.ts'
import { encodeTrackLabel } from '../../src/shared/track-name.ts'
import { decodeSFrameHeader } from '../../src/sframe/header.ts'
import {
  bytes,
  kid,
  open,
  receiverKey,
  receivingTrack,
  seal,
  senderKey,
  vp8DeltaFrame,
  vp8KeyFrame,
} from '../support/frames.ts'

const label = encodeTrackLabel('camera')

describe('sealing', () => {
  test('[M1] prefix, header, ciphertext and tag, and nothing else', async () => {
    const sealed = await seal(await senderKey(), vp8KeyFrame)
    expect(sealed.subarray(0, 10)).toEqual(vp8KeyFrame.subarray(0, 10))
    expect(decodeSFrameHeader(sealed.subarray(10))).toEqual({ kid, ctr: 0n, length: 8 })
    expect(sealed).toHaveLength(vp8KeyFrame.length + 8 + 16)
  })

  test('[M1] no run of four bytes behind the prefix stays as it was', async () => {
    const sealed = Array.from(await seal(await senderKey(), vp8KeyFrame)).join()
    for (let at = 10; at + 4 <= vp8KeyFrame.length; at += 1) {
      expect(sealed).not.toContain(Array.from(vp8KeyFrame.subarray(at, at + 4)).join())
    }
  })

  test('[M7] an empty frame passes, with and without a key', async () => {
    const empty = { data: new Uint8Array(), mimeType: undefined }
    expect(await sealFrame(empty, { key: undefined, label })).toEqual({ type: 'empty' })
    expect(await sealFrame(empty, { key: await senderKey(), label })).toEqual({ type: 'empty' })
    expect(
      await openFrame(
        empty,
        receivingTrack('camera', () => undefined),
      ),
    ).toEqual({
      type: 'empty',
    })
  })

  test('[M9] counters grow by one over all tracks, also when frames overlap', async () => {
    const key = await senderKey()
    const frames = await Promise.all([
      seal(key, bytes(20), { label: 'microphone', mimeType: 'audio/opus' }),
      seal(key, vp8DeltaFrame),
      seal(key, bytes(20), { label: 'microphone', mimeType: 'audio/opus' }),
      seal(key, vp8KeyFrame, { label: 'screen' }),
    ])
    const counters = frames.map(
      (frame, i) => decodeSFrameHeader(frame.subarray([0, 1, 0, 10][i]))?.ctr,
    )
    expect(counters).toEqual([0n, 1n, 2n, 3n])
  })

  test('[M9] at 2^32 sealing is refused for good', async () => {
    const key = await senderKey({ first: 2 ** 32 - 1 })
    const frame = { data: vp8DeltaFrame, mimeType: 'video/vp8' }
    expect(await sealFrame(frame, { key, label })).toMatchObject({ type: 'sealed' })
    for (let i = 0; i < 3; i += 1) {
      expect(await sealFrame(frame, { key, label })).toEqual({
        type: 'dropped',
        reason: 'counter-exhausted',
      })
    }
  })

  test('[M9] a dropped frame takes no counter', async () => {
    const key = await senderKey()
    await sealFrame({ data: vp8DeltaFrame, mimeType: 'video/h265' }, { key, label })
    await sealFrame({ data: vp8KeyFrame.subarray(0, 5), mimeType: 'video/vp8' }, { key, label })
    expect(key.nextCounter()).toBe(0)
  })

  test('[M10] without a key a frame is dropped', async () => {
    const frame = { data: vp8KeyFrame, mimeType: 'video/vp8' }
    expect(await sealFrame(frame, { key: undefined, label })).toEqual({
      type: 'dropped',
      reason: 'missing-key',
    })
  })

  test('[M5, M6] too short and unsupported frames are dropped on both sides', async () => {
    const key = await senderKey()
    const short = { data: vp8KeyFrame.subarray(0, 9), mimeType: 'video/vp8' }
    expect(await sealFrame(short, { key, label })).toEqual({ type: 'dropped', reason: 'too-short' })
    for (const mimeType of ['video/h265', undefined]) {
      const frame = { data: vp8KeyFrame, mimeType }
      const dropped = { type: 'dropped', reason: 'unsupported-codec' }
      expect(await sealFrame(frame, { key, label })).toEqual(dropped)
      expect(
        await openFrame(
          frame,
          receivingTrack('camera', () => undefined),
        ),
      ).toEqual(dropped)
    }
  })

  test('[M4] a label has 1 to 64 bytes', () => {
    expect(() => encodeTrackLabel('')).toThrow(RangeError)
    expect(() => encodeTrackLabel('é'.repeat(33))).toThrow(RangeError)
    expect(encodeTrackLabel('x'.repeat(64))).toHaveLength(64)
  })

  test('[M16] the bytes of a base key are gone once it is imported, and it cannot be exported', async () => {
    const baseKey = bytes(16)
    const imported = await importBaseKey(baseKey)
    expect(baseKey).toEqual(new Uint8Array(16))
    expect(imported.extractable).toBe(false)
  })
})

describe('opening', () => {
  test('[M4] a frame of the camera does not open as the screen, nor does it spoil the key', async () => {
    const sealed = await seal(await senderKey(), vp8KeyFrame, { label: 'camera' })
    const key = await receiverKey()
    expect(await open(key, sealed, { label: 'screen' })).toEqual({
      type: 'dropped',
      reason: 'not-authentic',
      isKeyProven: false,
    })
    expect(await open(key, sealed, { label: 'camera' })).toMatchObject({ type: 'opened' })
  })

  test('[M11] another participant’s key opens nothing', async () => {
    const sealed = await seal(await senderKey(), vp8KeyFrame)
    const other = await receiverKey({ baseKey: bytes(16, 99) })
    expect(await open(other, sealed)).toMatchObject({ type: 'dropped', reason: 'not-authentic' })
  })

  test('[M11] T4: clear frames are dropped', async () => {
    const key = await receiverKey()
    const opened = await open(key, vp8KeyFrame)
    expect(['dropped', 'key-needed']).toContain(opened.type)
    expect(key.isProven).toBe(false)
  })

  test('[M12] the same frame opens once', async () => {
    const key = await receiverKey()
    const sealed = await seal(await senderKey(), vp8KeyFrame)
    expect(await open(key, sealed)).toMatchObject({ type: 'opened', data: vp8KeyFrame })
    expect(await open(key, sealed)).toEqual({ ...repeated, isRepeat: true })
  })

  test('[M12] also when both copies are opened at the same time', async () => {
    const key = await receiverKey()
    const sealed = await seal(await senderKey(), vp8KeyFrame)
    const both = await Promise.all([open(key, sealed), open(key, sealed)])
    expect(both.map(({ type }) => type).toSorted()).toEqual(['dropped', 'opened'])
  })

  test('[M12] frames out of order open, each once', async () => {
    const sender = await senderKey()
    const frames = []
    for (let i = 0; i < 6; i += 1) frames.push(await seal(sender, bytes(30, i + 1).with(0, 1)))
    const key = await receiverKey()
    for (const i of [2, 0, 5, 1, 4, 3]) {
      expect(await open(key, frames[i] ?? bytes(0))).toMatchObject({ type: 'opened' })
    }
    for (const frame of frames)
      expect(await open(key, frame)).toEqual({ ...repeated, isRepeat: true })
  })

  test('[M12] a forged frame with a high counter does not move the window', async () => {
    const key = await receiverKey()
    const far = await seal(await senderKey({ first: 1_000_000 }), vp8DeltaFrame)
    const forged = far.with(far.length - 1, (far.at(-1) ?? 0) ^ 1)
    expect(await open(key, forged)).toMatchObject({ reason: 'not-authentic' })
    expect(await open(key, await seal(await senderKey(), vp8DeltaFrame))).toMatchObject({
      type: 'opened',
    })
  })

  test('[M12] a frame below the window is dropped', async () => {
    const key = await receiverKey()
    const old = await seal(await senderKey(), vp8DeltaFrame)
    const edge = await seal(await senderKey({ first: 1 }), vp8DeltaFrame)
    expect(
      await open(key, await seal(await senderKey({ first: 4096 }), vp8DeltaFrame)),
    ).toMatchObject({ type: 'opened' })
    expect(await open(key, old)).toEqual({ ...repeated, isRepeat: false })
    expect(await open(key, edge)).toMatchObject({ type: 'opened' })
  })

  test('[M13] a KID without a key is asked for, once and by its number', async () => {
    const sealed = await seal(await senderKey({ kid: 99n }), vp8KeyFrame)
    expect(await open(await receiverKey(), sealed)).toEqual({ type: 'key-needed', kid: 99n })
  })

  test('[M26] after any number of forged frames a genuine one opens', async () => {
    const key = await receiverKey()
    const sealed = await seal(await senderKey(), vp8KeyFrame)
    for (let i = 20; i < sealed.length; i += 1) {
      expect(await open(key, sealed.with(i, (sealed[i] ?? 0) ^ 0x80))).toMatchObject({
        type: 'dropped',
      })
    }
    expect(await open(key, sealed)).toMatchObject({ type: 'opened' })
  })
})

const repeated = { type: 'dropped', reason: 'replay' } as const
