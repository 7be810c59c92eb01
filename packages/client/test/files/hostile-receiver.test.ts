/** A hostile member that receives a file, and a carrier of what it asks for. */
import { encodeBase64Url, uintToBytes } from '@conclave/base'
import { createFileParts } from '@conclave/e2ee/files'
import { expect, test } from 'vitest'
import { decodeFileBody, encodeFileBody } from '../../src/files/file-body.ts'
import { encodeFileFrame, encodeWish } from '../../src/files/file-frame.ts'
import { FileStand, blobOf } from './file-stand.ts'

const CHUNK = 32_000

/** A member who asks by hand, with the receiver's keys. */
const hostileReceiver = async () => {
  const stand = new FileStand()
  const [alice, mallory] = [stand.side('A'), stand.side('M')]
  let read = 0
  const content = blobOf(300 * CHUNK)
  const slice = content.slice.bind(content)
  content.slice = (start = 0, end = 0, type = '') => {
    read += end - start
    return slice(start, end, type)
  }
  const { out } = await stand.offer(alice, mallory, { content })
  const offer = decodeFileBody(stand.said[0]?.body ?? new Uint8Array())
  if (offer?.type !== 'offer') throw new Error('expected the offer')
  const id = encodeBase64Url(offer.secrets.id)
  const parts = await createFileParts(offer.secrets)
  let number = 0
  const ask = async (run: number, next: number, limit: number): Promise<void> => {
    const place = { side: 'receiver', run, index: number } as const
    number += 1
    const sealed = await parts.seal(place, encodeWish({ next, limit }))
    const bytes = encodeFileFrame({ type: 'wish', id, run, index: place.index, sealed })
    stand.invent({ from: mallory.id, to: alice.id, bytes })
  }
  /** Resolves when so many parts were sent. */
  const sent = (parts: number): Promise<void> =>
    stand.until(() => stand.seen.filter(({ from }) => from === alice.id).length >= parts)
  return { sent, stand, alice, mallory, out, ask, read: () => read, id, parts }
}

test('[R196] a receiver that asks for a chunk that was never sent ends the transfer', async () => {
  const { out, ask, stand } = await hostileReceiver()
  await ask(1, 5, 6)
  expect(await out.done).toEqual({ reason: 'misbehaved', by: 'self' })
  expect(stand.seen).toHaveLength(0)
})

test.each([
  ['a chunk that it confirmed', 0, 128],
  ['more than the window', 20, 20 + 129],
  ['less than it has', 20, 19],
  ['parts behind the digest', 20, 400],
])('[R196] a receiver that asks for %s ends the transfer', async (_asked, next, limit) => {
  const { out, ask, sent, stand } = await hostileReceiver()
  await ask(1, 0, 128)
  await sent(128)
  await ask(1, 20, 20 + 128)
  await sent(148)
  expect(out.state).toBe('active')
  await ask(1, next, limit)
  expect(await out.done).toEqual({ reason: 'misbehaved', by: 'self' })
  expect(stand.clock.pending).toBe(0)
})

test('[R196] a receiver that asks for run after run makes its sender read the window once a second', async () => {
  const { out, ask, read, alice, stand } = await hostileReceiver()
  for (let run = 1; run <= 40; run += 1) {
    await ask(run, 0, 128)
    await stand.run(undefined, { idleTurns: 1 })
  }
  // 8 runs at once, and the time that passed in the stand.
  const most = 8 + Math.ceil((stand.clock.now() - 1_000_000) / 1000) + 1
  expect(read()).toBeLessThanOrEqual(most * 5 * 2 ** 20)
  expect(alice.drops.get('flood')).toBeGreaterThan(20)
  expect(out.state).toBe('active')
})

test('[R196] a receiver that says it has what was not all sent ends the transfer', async () => {
  const { out, ask, sent, alice, mallory, id } = await hostileReceiver()
  await ask(1, 0, 128)
  await sent(128)
  alice.exchange.receive(mallory.id, encodeFileBody({ type: 'end', id, reason: 'received' }))
  expect(await out.done).toEqual({ reason: 'misbehaved', by: 'self' })
})

test('[R194] a wish that a carrier repeats, changes, sends back or makes has no effect', async () => {
  const { out, ask, sent, alice, mallory, stand, id, parts } = await hostileReceiver()
  const count = (): number => stand.seen.filter(({ from }) => from === alice.id).length
  await ask(1, 0, 10)
  await sent(10)
  await ask(1, 0, 20)
  await sent(20)
  const sealed = await parts.seal(
    { side: 'receiver', run: 1, index: 0 },
    encodeWish({ next: 0, limit: 10 }),
  )
  const wish = { type: 'wish', id, run: 1, index: 0, sealed } as const
  const fake = [
    encodeFileFrame(wish),
    encodeFileFrame({ ...wish, run: 2, index: 9 }),
    encodeFileFrame({ ...wish, index: 2 ** 31, sealed: new Uint8Array(24) }),
    encodeFileFrame({
      ...wish,
      index: 7,
      sealed: await parts.seal({ side: 'sender', run: 1, index: 7 }, uintToBytes(99, 8)),
    }),
  ]
  for (const bytes of fake) stand.invent({ from: mallory.id, to: alice.id, bytes })
  await stand.until(() => alice.drops.get('not-authentic') === 3)
  await stand.run(undefined, { idleTurns: 5 })
  expect([out.state, count()]).toEqual(['active', 20])
})
