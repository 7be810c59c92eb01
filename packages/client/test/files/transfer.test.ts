import { equalBytes } from '@conclave/base'
import { createRandom } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { FileStand, blobOf, contentOf, nextTask } from './file-stand.ts'

const bytesOf = async (blob: Blob | undefined): Promise<Uint8Array> =>
  new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())

test.each([0, 1, 32_000, 32_001, 3_000_000])(
  '[R190, R194, R198] a file of %d bytes arrives, with its name, size and type',
  async (size) => {
    const stand = new FileStand()
    const [alice, bob] = [stand.side('A'), stand.side('B')]
    const file = { content: blobOf(size), name: 'photo.jpg', type: 'image/jpeg' }
    const { out, in: offered } = await stand.offer(alice, bob, file)
    expect([offered.name, offered.size, offered.type]).toEqual(['photo.jpg', size, 'image/jpeg'])
    expect([offered.participant, out.participant]).toEqual([alice.id, bob.id])
    expect([out.state, offered.state]).toEqual(['offered', 'offered'])
    expect(stand.seen).toHaveLength(0)
    const accepted = offered.accept()
    await stand.run(Promise.all([accepted, out.done]))
    const blob = await accepted
    expect(blob?.type).toBe('image/jpeg')
    expect(equalBytes(await bytesOf(blob), contentOf(size))).toBe(true)
    expect(await out.done).toEqual({ reason: 'received', by: 'other' })
    expect(await offered.done).toEqual({ reason: 'received', by: 'self' })
    expect(out.progress.bytes).toBe(size)
    expect(offered.progress).toMatchObject({ bytes: size, of: size })
    expect(stand.clock.pending).toBe(0)
  },
)

test('[R195] over a path that loses, repeats, delays and cuts by a seed every file arrives whole', async () => {
  for (let seed = 1; seed <= 4; seed += 1) {
    const random = createRandom(seed)
    const stand = new FileStand()
    const [alice, bob] = [stand.side('A'), stand.side('B')]
    const late: Parameters<FileStand['invent']>[0][] = []
    stand.fault = (frame) => {
      const chance = random()
      if (chance < 0.03) return []
      if (chance < 0.06) return [frame, frame]
      if (chance < 0.09) {
        late.push(frame)
        return []
      }
      if (chance < 0.1) {
        stand.cut()
        stand.mend()
      }
      return chance < 0.14 ? [frame, ...late.splice(0)] : [frame]
    }
    const { out, in: offered } = await stand.offer(alice, bob, { content: blobOf(1_500_000, seed) })
    const accepted = offered.accept()
    await stand.run(Promise.all([accepted, out.done]))
    expect(equalBytes(await bytesOf(await accepted), contentOf(1_500_000, seed))).toBe(true)
  }
})

test('[R195] after the path was lost it goes on at the chunk that the receiver lacks', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const size = 300 * 32_000
  const { out, in: offered } = await stand.offer(alice, bob, { content: blobOf(size) })
  const accepted = offered.accept()
  const reached = new Promise<void>((resolve) => {
    offered.on('progress', ({ bytes }) => {
      if (bytes >= size / 2) resolve()
    })
  })
  await stand.run(reached)
  stand.cut()
  await stand.run(undefined, { idleTurns: 200 })
  const has = offered.progress.bytes
  expect(has).toBeLessThan(size)
  const before = stand.seen.length
  stand.mend()
  await stand.run(Promise.all([accepted, out.done]))
  expect(equalBytes(await bytesOf(await accepted), contentOf(size))).toBe(true)
  const again = stand.seen.slice(before).filter(({ from }) => from === alice.id)
  const first = new DataView(again[0]?.bytes.buffer ?? new ArrayBuffer(25)).getUint32(21)
  expect(first).toBe(has / 32_000)
  expect(again).toHaveLength(300 - first + 1)
})

test.each(['twice within a second', 'while the receiver pauses'])(
  '[R195] after the path was lost %s it goes on without a silence',
  async (how) => {
    const stand = new FileStand()
    const [alice, bob] = [stand.side('A'), stand.side('B')]
    const { out, in: offered } = await stand.offer(alice, bob, { content: blobOf(3_200_000) })
    const accepted = offered.accept()
    await stand.until(() => offered.progress.bytes >= 500_000)
    if (how === 'while the receiver pauses') offered.pause()
    for (let times = 0; times < 2; times += 1) {
      stand.cut()
      stand.mend()
      for (let turn = 0; turn < 20; turn += 1) await nextTask()
    }
    offered.resume()
    const fromMs = stand.clock.now()
    await stand.run(Promise.all([accepted, out.done]))
    // A silence lasts 5 s.
    expect(stand.clock.now() - fromMs).toBeLessThan(4800)
    expect(equalBytes(await bytesOf(await accepted), contentOf(3_200_000))).toBe(true)
  },
)

test('[R194, R203] a receiver whose storage stands holds the window and no more, and its sender stops', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const { out, in: offered } = await stand.offer(alice, bob, { content: blobOf(16 * 2 ** 20) })
  let release: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let written = 0
  const to = new WritableStream<Uint8Array<ArrayBuffer>>({
    async write(bytes) {
      await gate
      written += bytes.length
    },
  })
  const accepted = offered.accept({ to })
  await stand.run(undefined, { idleTurns: 300 })
  const parts = (): number => stand.seen.filter(({ from }) => from === alice.id).length
  // Bytes that were handed to the writable, which takes them in blocks, are still the receiver's.
  expect(parts()).toBeLessThanOrEqual(128 + 8)
  expect(offered.progress.bytes).toBeLessThanOrEqual((128 + 8) * 32_000)
  const before = parts()
  await stand.run(undefined, { idleTurns: 100 })
  expect(parts()).toBe(before)
  release()
  await stand.run(Promise.all([accepted, out.done]))
  expect(written).toBe(16 * 2 ** 20)
  expect(stand.most).toBeLessThanOrEqual(32)
})

test.each(['out', 'in'] as const)(
  '[R199] the %s side pauses and goes on, and the other one is told',
  async (which) => {
    const stand = new FileStand()
    const [alice, bob] = [stand.side('A'), stand.side('B')]
    const size = 12 * 2 ** 20
    const pair = await stand.offer(alice, bob, { content: blobOf(size) })
    const [here, there] = which === 'out' ? [pair.out, pair.in] : [pair.in, pair.out]
    const accepted = pair.in.accept()
    const reached = new Promise<void>((resolve) => {
      pair.in.on('progress', ({ bytes }) => {
        if (bytes > size / 4) resolve()
      })
    })
    await stand.run(reached)
    here.pause()
    await stand.run(undefined, { idleTurns: 200 })
    expect([here.state, there.state]).toEqual(['paused', 'paused'])
    expect([here.pausedBy, there.pausedBy]).toEqual([
      { self: true, other: false },
      { self: false, other: true },
    ])
    const stood = pair.in.progress.bytes
    expect(stood).toBeLessThan(size)
    await stand.run(undefined, { idleTurns: 100 })
    expect(pair.in.progress.bytes).toBe(stood)
    // The path may be another one when it goes on.
    stand.cut()
    stand.mend()
    here.resume()
    await stand.run(Promise.all([accepted, pair.out.done]))
    expect(equalBytes(await bytesOf(await accepted), contentOf(size))).toBe(true)
  },
)

test.each(['out', 'in'] as const)(
  '[R200] the %s side cancels at any time, and both know who did',
  async (which) => {
    for (const share of [0, 0.5]) {
      const stand = new FileStand()
      const [alice, bob] = [stand.side('A'), stand.side('B')]
      const size = 9 * 2 ** 20
      const pair = await stand.offer(alice, bob, { content: blobOf(size) })
      const ends: string[] = []
      const to = new WritableStream<Uint8Array<ArrayBuffer>>({
        close: () => void ends.push('closed'),
        abort: () => void ends.push('aborted'),
      })
      const accepted = pair.in.accept({ to }).catch((error: unknown) => error)
      const reached = new Promise<void>((resolve) => {
        if (share === 0) resolve()
        pair.in.on('progress', ({ bytes }) => {
          if (bytes > size * share) resolve()
        })
      })
      await stand.run(reached)
      const [here, there] = which === 'out' ? [pair.out, pair.in] : [pair.in, pair.out]
      here.cancel()
      await stand.run(Promise.all([here.done, there.done, accepted]))
      expect(await here.done).toEqual({ reason: 'cancelled', by: 'self' })
      expect(await there.done).toEqual({ reason: 'cancelled', by: 'other' })
      expect(await accepted).toMatchObject({
        code: 'ERR_CLIENT_FILE',
        details: { reason: 'cancelled' },
      })
      await nextTask()
      expect(ends).toEqual(['aborted'])
      expect(stand.clock.pending).toBe(0)
      // Nothing of it is sent or taken from now on.
      const seen = stand.seen.length
      await stand.run(undefined, { idleTurns: 100 })
      expect(stand.seen.length - seen).toBeLessThanOrEqual(2)
    }
  },
)
