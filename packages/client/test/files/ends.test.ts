/** Ends, refusals and progress of transfers. */
import { equalBytes } from '@conclave/base'
import { expect, test } from 'vitest'
import { ProgressMeter } from '../../src/files/transfer-progress.ts'
import { FileStand, blobOf, contentOf, nextTask } from './file-stand.ts'

const SIZE = 200 * 32_000

/** A transfer under way. */
const underway = async (size = SIZE, content = blobOf(size)) => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const pair = await stand.offer(alice, bob, { content })
  const accepted = pair.in.accept().catch((error: unknown) => error)
  await stand.run(
    new Promise<void>((resolve) => {
      pair.in.on('progress', ({ bytes }) => {
        if (bytes > size / 3) resolve()
      })
    }),
  )
  return { stand, alice, bob, ...pair, accepted }
}

test('[R192] an application that does not listen refuses, and nothing of the content is sent', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  bob.takesFiles = false
  const [out] = alice.exchange.offer({ content: blobOf(5), name: 'a', type: '', size: 5 }, [bob.id])
  await stand.run(out?.done)
  expect(await out?.done).toEqual({ reason: 'unsupported', by: 'other' })
  expect(stand.seen).toHaveLength(0)
})

test('[R192, R200] a receiver refuses, and accepts nothing afterwards; nor twice', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const one = await stand.offer(alice, bob, { content: blobOf(5) })
  one.in.refuse()
  await stand.run(one.out.done)
  expect(await one.out.done).toEqual({ reason: 'refused', by: 'other' })
  const again = { code: 'ERR_CLIENT_FILE', details: { reason: 'accepted' } }
  await expect(one.in.accept()).rejects.toMatchObject(again)
  const two = await stand.offer(alice, bob, { content: blobOf(5) })
  const accepted = two.in.accept()
  await expect(two.in.accept()).rejects.toMatchObject(again)
  await stand.run(Promise.all([accepted, two.out.done]))
  expect(stand.seen.every(({ bytes }) => bytes.length < 100)).toBe(true)
})

test('[R200] a participant that leaves ends its transfers, offered ones too, and nothing is said to it', async () => {
  const { stand, alice, bob, out, in: incoming, accepted } = await underway()
  const { in: offered } = await stand.offer(bob, alice, { content: blobOf(5) })
  const said = stand.said.length
  alice.exchange.left(bob.id)
  bob.exchange.left(alice.id)
  expect(await out.done).toEqual({ reason: 'left', by: 'other' })
  expect(await incoming.done).toEqual({ reason: 'left', by: 'other' })
  expect(await offered.done).toEqual({ reason: 'left', by: 'other' })
  expect(await accepted).toMatchObject({ details: { reason: 'left' } })
  await stand.run(undefined, { idleTurns: 50 })
  expect(stand.said).toHaveLength(said)
  expect(stand.clock.pending).toBe(0)
})

test('[R200] the end of the session ends all transfers of it', async () => {
  const { stand, alice, bob, out, in: incoming } = await underway()
  alice.exchange.close()
  bob.exchange.close()
  expect(await out.done).toEqual({ reason: 'closed', by: 'self' })
  expect(await incoming.done).toEqual({ reason: 'closed', by: 'self' })
  await stand.run(undefined, { idleTurns: 50 })
  expect(stand.clock.pending).toBe(0)
})

test('[R200] a storage that fails ends the transfer with its error as the cause, and the sender hears of it', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const { out, in: offered } = await stand.offer(alice, bob, { content: blobOf(SIZE) })
  const full = new Error('the disk is full')
  const to = new WritableStream<Uint8Array<ArrayBuffer>>({
    write() {
      throw full
    },
  })
  const accepted = offered.accept({ to }).catch((error: unknown) => error)
  await stand.run(Promise.all([accepted, out.done]))
  expect(await accepted).toMatchObject({ details: { reason: 'unwritable' }, cause: full })
  expect(await out.done).toEqual({ reason: 'unwritable', by: 'other' })
})

test('[R205] a file that cannot be read ends the transfer, and the receiver hears of it', async () => {
  const content = blobOf(SIZE)
  const slice = content.slice.bind(content)
  content.slice = (start = 0, end = 0, type = '') => {
    if (start > SIZE / 2) throw new DOMException('the file was changed', 'NotReadableError')
    return slice(start, end, type)
  }
  const stand = new FileStand()
  const pair = await stand.offer(stand.side('A'), stand.side('B'), { content })
  const { out, in: incoming } = pair
  const accepted = incoming.accept().catch((error: unknown) => error)
  await stand.run(Promise.all([out.done, accepted]))
  expect(await out.done).toEqual({ reason: 'unreadable', by: 'self' })
  expect(await incoming.done).toEqual({ reason: 'unreadable', by: 'other' })
})

test('[R205] a file that is another one when it is read again ends the transfer', async () => {
  const content = blobOf(SIZE)
  const other = blobOf(SIZE, 2)
  const slice = content.slice.bind(content)
  let isChanged = false
  content.slice = (...range) => (isChanged ? other.slice(...range) : slice(...range))
  const { stand, out, in: incoming } = await underway(SIZE, content)
  // What is on its way is lost, and has to be read again.
  stand.cut()
  await stand.run(undefined, { idleTurns: 5 })
  isChanged = true
  stand.mend()
  await stand.run(Promise.all([out.done, incoming.done]))
  expect(await out.done).toEqual({ reason: 'unreadable', by: 'self' })
})

test('[R198] each receiver of one file has its own transfer: one cancels, the others get it', async () => {
  const stand = new FileStand()
  const [alice, bob, carol] = [stand.side('A'), stand.side('B'), stand.side('C')]
  const file = { content: blobOf(SIZE), name: 'a', type: '', size: SIZE }
  const outs = alice.exchange.offer(file, [bob.id, carol.id])
  await nextTask()
  const bobs = bob.offers[0]?.accept()
  const carols = carol.offers[0]?.accept().catch((error: unknown) => error)
  await stand.run(undefined, { idleTurns: 1 })
  carol.offers[0]?.cancel()
  await stand.run(Promise.all([bobs, carols, ...outs.map(({ done }) => done)]))
  const got = new Uint8Array((await (await bobs)?.arrayBuffer()) ?? new ArrayBuffer())
  expect(equalBytes(got, contentOf(SIZE))).toBe(true)
  expect(await Promise.all(outs.map(({ done }) => done))).toMatchObject([
    { reason: 'received' },
    { reason: expect.stringMatching(/cancelled|received/) },
  ])
})

test('[R206] progress tells bytes, total and the rate of the last seconds on both sides', async () => {
  const { stand, out, in: incoming } = await underway()
  const told: number[] = []
  out.on('progress', ({ bytes, of, rate }) => {
    told.push(bytes)
    expect(of).toBe(SIZE)
    expect(rate).toBeGreaterThan(0)
  })
  await stand.run(Promise.all([out.done, incoming.done]))
  expect(told.at(-1)).toBe(SIZE)
  expect(told).toEqual(told.toSorted((one, other) => one - other))
  expect(told.length).toBeLessThan(20)
})

test('[R206] the rate is that of the last 5 s: 0 after a stop', () => {
  const meter = new ProgressMeter(100_000)
  meter.restart(0)
  for (let at = 1; at <= 10; at += 1) meter.reach(at * 1000, at * 1000)
  expect(meter.at(10_000)).toEqual({ bytes: 10_000, of: 100_000, rate: 1000 })
  expect(meter.at(16_000).rate).toBe(0)
  meter.restart(60_000)
  expect(meter.at(60_000).rate).toBe(0)
  expect(meter.reach(20_000, 61_000)).toBe(true)
  expect(meter.reach(20_001, 61_010)).toBe(false)
  expect(meter.at(61_000).rate).toBeCloseTo(10_000, -1)
})
