/** The worker with LiveKit's format: what passes, what does not, and what a bad frame costs. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { codecFrames } from '../support/livekit-frames.ts'
import { LiveKitScene } from '../support/livekit-scene.ts'
import { bytes } from '../support/frames.ts'
import { settle } from '../support/settle.ts'

const secret = bytes(32, 40)
const opus = 'audio/opus'

const sealed = async (frames: readonly Uint8Array[]): Promise<Uint8Array[]> => {
  const alice = new LiveKitScene()
  await alice.setRingKey(secret)
  const seal = alice.pipe('seal')
  const all: Uint8Array[] = []
  for (const frame of frames) all.push((await seal.push(frame, opus)) ?? new Uint8Array())
  return all
}

const receiver = async (): Promise<LiveKitScene> => {
  const bob = new LiveKitScene()
  await bob.setRingKey(secret)
  return bob
}

test('[M84] without a key nothing is sealed, and nothing opened', async () => {
  const scene = new LiveKitScene()
  const [seal, open] = [scene.pipe('seal'), scene.pipe('open')]
  const [frame = bytes(1)] = await sealed([bytes(40)])
  expect(await seal.push(bytes(40), opus)).toBeUndefined()
  expect(await open.push(frame, opus)).toBeUndefined()
  for (const { played } of [seal, open]) {
    expect((await scene.counters(played)).dropped['missing-key']).toBe(1)
  }
  // No frame makes the worker ask for a key.
  expect(scene.heard('key-needed')).toEqual([])
})

test('[M84] a key that was taken out of the ring seals and opens no more', async () => {
  const bob = await receiver()
  const [seal, open] = [bob.pipe('seal', 'bob'), bob.pipe('open')]
  const [first = bytes(1), second = bytes(1)] = await sealed([bytes(40), bytes(41)])
  expect(await open.push(first, opus)).toEqual(bytes(40))
  await bob.request({ type: 'ring-key', slot: { ring: undefined, index: 0 }, key: undefined })
  expect(await open.push(second, opus)).toBeUndefined()
  expect(await seal.push(bytes(40), opus)).toBeUndefined()
})

test('[M79] frames that nobody sealed never pass, whatever their codec', async () => {
  const bob = await receiver()
  const open = bob.pipe('open')
  for (const { frame, mimeType } of codecFrames) {
    expect(await open.push(frame, mimeType)).toBeUndefined()
  }
  for (const mimeType of ['video/av1', 'audio/red', 'video/h265', 'audio/pcmu', '']) {
    const [frame = bytes(1)] = await sealed([bytes(40)])
    expect(await open.push(frame, mimeType)).toBeUndefined()
    expect(await bob.pipe('seal', 'bob').push(bytes(40), mimeType)).toBeUndefined()
  }
})

test('[M79] a frame of zero bytes passes both ways', async () => {
  const bob = await receiver()
  expect(await bob.pipe('open').push(new Uint8Array(), opus)).toEqual(new Uint8Array())
  expect(await bob.pipe('seal', 'bob').push(new Uint8Array(), opus)).toEqual(new Uint8Array())
})

test('[M81] a replayed frame is refused: on its track, on another, as another participant, and after the pipe is new', async () => {
  const bob = await receiver()
  const open = bob.pipe('open')
  const frames = [bytes(40), bytes(41), bytes(42)]
  const all = await sealed(frames)
  for (const [at, frame] of all.entries()) expect(await open.push(frame, opus)).toEqual(frames[at])
  const others = [
    open,
    bob.pipe('open', 'alice', 'screen'),
    bob.pipe('open', 'carol'),
    bob.pipe('open'),
  ]
  for (const other of others) {
    for (const frame of all) expect(await other.push(frame, opus)).toBeUndefined()
    expect((await bob.counters(other.played)).dropped.replay).toBe(3)
  }
})

test('[M81, M32] a frame that the network repeats is no failure', async () => {
  const bob = await receiver()
  const open = bob.pipe('open')
  const [frame = bytes(1)] = await sealed([bytes(40)])
  for (let count = 0; count < 9; count += 1) await open.push(frame, opus)
  expect((await bob.counters(open.played)).dropped.replay).toBe(8)
  expect(bob.heard('state').map(({ state }) => state)).toEqual(['DecryptionSuccess'])
})

test('[M81] a frame that does not authenticate marks no IV', async () => {
  const bob = await receiver()
  const open = bob.pipe('open')
  const [frame = bytes(1)] = await sealed([bytes(40)])
  const forged = frame.map((byte, at) => (at === 5 ? byte ^ 1 : byte))
  expect(await open.push(forged, opus)).toBeUndefined()
  expect(await open.push(frame, opus)).toEqual(bytes(40))
})

test('[M83] own frames that come back as those of another are refused', async () => {
  const bob = await receiver()
  const seal = bob.pipe('seal', 'bob')
  const own = await seal.push(bytes(40), opus)
  const open = bob.pipe('open')
  expect(await open.push(own ?? bytes(1), opus)).toBeUndefined()
  expect((await bob.counters(open.played)).dropped.replay).toBe(1)
})

test('[M82] a bad frame costs one attempt with one key, and no derivation; genuine frames go on', async () => {
  const bob = await receiver()
  for (const index of [1, 2, 3]) await bob.setRingKey(bytes(32, index), { index })
  const open = bob.pipe('open')
  const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
  const derivations = (['deriveKey', 'deriveBits', 'importKey'] as const).map((name) =>
    vi.spyOn(crypto.subtle, name),
  )
  onTestFinished(() => void vi.restoreAllMocks())
  const [genuine = bytes(1)] = await sealed([bytes(40)])
  const before = derivations.map((spy) => spy.mock.calls.length)
  const forged = Array.from({ length: 200 }, (_, at) =>
    genuine.map((byte, i) =>
      i === genuine.length - 1 ? at % 4 : i === at % 30 ? byte ^ 0x55 : byte,
    ),
  )
  decrypt.mockClear()
  for (const frame of forged) expect(await open.push(frame, opus)).toBeUndefined()
  expect(decrypt.mock.calls.length).toBeLessThanOrEqual(200)
  expect(derivations.map((spy) => spy.mock.calls.length)).toEqual(before)
  expect(await open.push(genuine, opus)).toEqual(bytes(40))
})

test('[M86] a next key is in the ring before anybody seals with it: no frame is lost', async () => {
  const alice = await receiver()
  const bob = await receiver()
  const [seal, open] = [alice.pipe('seal'), bob.pipe('open')]
  const say = async (frame: Uint8Array) => open.push((await seal.push(frame, opus)) ?? frame, opus)
  expect(await say(bytes(40))).toEqual(bytes(40))
  await bob.setRingKey(bytes(32, 90), { index: 1 })
  expect(await say(bytes(41))).toEqual(bytes(41))
  await alice.setRingKey(bytes(32, 90), { index: 1 })
  expect(await say(bytes(42))).toEqual(bytes(42))
})

test('[M80, M86] a key that is set again begins with another IV', async () => {
  const alice = await receiver()
  const seal = alice.pipe('seal')
  const ivOf = async () => (await seal.push(bytes(40), opus))?.slice(-14, -2)
  const first = await ivOf()
  await alice.setRingKey(secret)
  expect((await ivOf())?.slice(0, 4)).not.toEqual(first?.slice(0, 4))
})

test('[M82] frames of any bytes are dropped, counted, and change nothing', async () => {
  const bob = await receiver()
  const open = bob.pipe('open')
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  let count = 0
  for (const mimeType of ['audio/opus', 'video/vp8', 'video/vp9', 'video/h264']) {
    for (const length of [1, 2, 9, 10, 29, 30, 31, 60, 500]) {
      const frame = random(length)
      frame.set([12, 0].slice(-length), Math.max(0, length - 2))
      expect(await open.push(frame, mimeType)).toBeUndefined()
      count += 1
    }
  }
  await settle()
  const { dropped, opened } = await bob.counters(open.played)
  expect(opened).toBe(0)
  expect(Object.values(dropped).reduce((sum, n) => sum + n)).toBe(count)
  expect(dropped.internal).toBe(0)
})

test('[M85] the worker of one format reads nothing of the other', async () => {
  const bob = await receiver()
  await expect(bob.request({ type: 'make-kid', epoch: 0n })).rejects.toThrow('has failed')
})
