/** A hostile carrier, and a hostile member on either side of a transfer. */
import { encodeBase64Url, equalBytes } from '@conclave/base'
import { createFileParts, generateTransferSecrets } from '@conclave/e2ee/files'
import type { FileParts, TransferSecrets } from '@conclave/e2ee/files'
import { expect, test } from 'vitest'
import { decodeFileBody, encodeFileBody } from '../../src/files/file-body.ts'
import { encodeFileFrame, encodeWish } from '../../src/files/file-frame.ts'
import { FileStand, type OnItsWay, type Side, blobOf, contentOf, nextTask } from './file-stand.ts'

const CHUNK = 32_000
const SIZE = 40 * CHUNK

/** Collects what a receiver's application gets. */
const collector = () => {
  const got: Uint8Array<ArrayBuffer>[] = []
  let end = 'open'
  const to = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (bytes) => void got.push(bytes),
    close() {
      end = 'closed'
    },
    abort() {
      end = 'aborted'
    },
  })
  const bytes = async (): Promise<Uint8Array> => new Uint8Array(await new Blob(got).arrayBuffer())
  return { to, bytes, end: () => end }
}

/** Changes the sealed part of a frame. */
const changed = ({ bytes, ...frame }: OnItsWay): OnItsWay => {
  const copy = bytes.slice()
  copy[40] = (copy[40] ?? 0) ^ 1
  return { ...frame, bytes: copy }
}
const withHead = (frame: OnItsWay, head: { run?: number; index?: number }): OnItsWay => {
  const bytes = frame.bytes.slice()
  const view = new DataView(bytes.buffer)
  if (head.run !== undefined) view.setUint32(17, head.run)
  if (head.index !== undefined) view.setUint32(21, head.index)
  return { ...frame, bytes }
}
const indexOf = ({ bytes }: OnItsWay): number => new DataView(bytes.buffer).getUint32(21)

test('[R193, R198] a carrier that changes, swaps, repeats, renames and truncates parts delays a file and changes nothing of it', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const { out, in: offered } = await stand.offer(alice, bob, { content: blobOf(SIZE) })
  const sink = collector()
  const recorded: OnItsWay[] = []
  let tricks = 0
  stand.fault = (frame) => {
    recorded.push(frame)
    tricks += 1
    const before = recorded.at(-2) ?? frame
    switch (tricks % 11) {
      case 1:
        return [changed(frame), frame]
      case 2:
        return [withHead(before, { index: indexOf(frame) }), frame]
      case 3:
        return [...recorded.slice(-6), frame]
      case 4:
        return [{ ...frame, bytes: frame.bytes.slice(0, -1) }, frame]
      case 5:
        return [{ from: frame.to, to: frame.from, bytes: frame.bytes }, frame]
      case 6:
        return [{ ...frame, bytes: frame.bytes.slice(0, 20) }, frame]
      case 7:
        return [withHead(frame, { run: 2 }), frame]
      case 8:
        return [withHead(frame, { index: indexOf(frame) + 1 }), frame]
      default:
        return [frame]
    }
  }
  const accepted = offered.accept({ to: sink.to })
  await stand.run(Promise.all([accepted, out.done]))
  expect(sink.end()).toBe('closed')
  expect(equalBytes(await sink.bytes(), contentOf(SIZE))).toBe(true)
  expect(bob.drops.get('not-authentic')).toBeGreaterThan(0)
  expect(bob.drops.get('malformed-body')).toBeGreaterThan(0)
})

test('[R190, R193] a carrier sees neither name nor content, and a file between others is not crossed with it', async () => {
  const stand = new FileStand()
  const [alice, bob, carol] = [stand.side('A'), stand.side('B'), stand.side('C')]
  const one = await stand.offer(alice, bob, { content: new Blob(['marker-one'.repeat(9000)]) })
  const two = await stand.offer(alice, carol, { content: new Blob(['marker-two'.repeat(9000)]) })
  // Each frame goes to both receivers, and back to its sender.
  stand.fault = (frame) => [
    ...[bob, carol, alice].map(({ id }) => ({ ...frame, to: id })),
    { ...frame, from: bob.id, to: carol.id },
    { ...frame, from: carol.id, to: bob.id },
  ]
  const accepted = Promise.all([one.in.accept(), two.in.accept()])
  await stand.run(Promise.all([accepted, one.out.done, two.out.done]))
  const texts = (await accepted).map(async (blob) => blob?.text())
  expect(await Promise.all(texts)).toEqual(['marker-one'.repeat(9000), 'marker-two'.repeat(9000)])
  const all = new TextDecoder().decode(
    await new Blob(stand.seen.map(({ bytes }) => bytes)).arrayBuffer(),
  )
  for (const marker of ['marker', 'a.bin']) expect(all).not.toContain(marker)
})

test('[R198] a carrier that withholds the end leaves a file that does not count: its writable is not closed', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const { in: offered } = await stand.offer(alice, bob, { content: blobOf(SIZE) })
  const sink = collector()
  stand.fault = (frame) => (frame.from === alice.id && indexOf(frame) >= 40 ? [] : [frame])
  const accepted = offered.accept({ to: sink.to }).catch((error: unknown) => error)
  await stand.run(undefined, { idleTurns: 300 })
  expect([offered.state, sink.end()]).toEqual(['active', 'open'])
  expect(offered.progress.bytes).toBe(SIZE)
  bob.exchange.left(alice.id)
  expect(await accepted).toMatchObject({ details: { reason: 'left' } })
  await nextTask()
  expect(sink.end()).toBe('aborted')
})

/** A member who speaks the protocol by hand, with the sender's keys. */
class HostileSender {
  readonly stand = new FileStand()
  readonly bob: Side = this.stand.side('B')
  readonly mallory: Side = this.stand.side('M')
  readonly secrets: TransferSecrets = generateTransferSecrets()
  readonly id: string = encodeBase64Url(this.secrets.id)
  readonly parts: Promise<FileParts> = createFileParts(this.secrets)

  offer(size = SIZE, more: object = {}): void {
    const file = { name: 'a', size, type: '', ...more }
    this.say(encodeFileBody({ type: 'offer', secrets: this.secrets, file }))
  }

  say(body: Uint8Array<ArrayBuffer>): void {
    this.bob.exchange.receive(this.mallory.id, body)
  }

  async part(index: number, bytes: Uint8Array<ArrayBuffer>, run = 1): Promise<void> {
    const sealed = await (await this.parts).seal({ side: 'sender', run, index }, bytes)
    const frame = encodeFileFrame({ type: 'part', id: this.id, run, index, sealed })
    this.stand.invent({ from: this.mallory.id, to: this.bob.id, bytes: frame })
    await nextTask()
  }

  async accepted() {
    const [file] = this.bob.offers
    if (file === undefined) throw new Error('expected an offer')
    const sink = collector()
    const result = file.accept({ to: sink.to }).catch((error: unknown) => error)
    await this.stand.run(undefined, { idleTurns: 2 })
    return { file, sink, result }
  }
}

test('[R197] chunks of a wrong length end the transfer, and none of them reaches the application', async () => {
  for (const length of [CHUNK - 1, 0]) {
    const hostile = new HostileSender()
    hostile.offer()
    const { sink, result, file } = await hostile.accepted()
    await hostile.part(0, contentOf(CHUNK))
    await hostile.part(1, contentOf(length))
    expect(await result).toMatchObject({ details: { reason: 'not-authentic' } })
    expect(await file.done).toEqual({ reason: 'not-authentic', by: 'self' })
    await nextTask()
    expect(sink.end()).toBe('aborted')
    expect((await sink.bytes()).length).toBeLessThanOrEqual(CHUNK)
  }
})

test('[R197] chunks that jump, repeat, come before acceptance, beyond the limit or after the end are dropped', async () => {
  const hostile = new HostileSender()
  hostile.offer(3 * CHUNK)
  await hostile.part(0, contentOf(CHUNK, 9))
  const { sink, result, file } = await hostile.accepted()
  await hostile.part(2, contentOf(CHUNK, 8))
  await hostile.part(0, contentOf(CHUNK))
  await hostile.part(0, contentOf(CHUNK, 7))
  await hostile.part(500, contentOf(CHUNK, 7))
  await hostile.part(4, contentOf(CHUNK, 7))
  await hostile.part(1, contentOf(CHUNK), 2 ** 31)
  expect(file.progress.bytes).toBe(CHUNK)
  await hostile.part(1, contentOf(CHUNK))
  await hostile.part(2, contentOf(CHUNK))
  // The digest of something else.
  await hostile.part(3, new Uint8Array(32))
  expect(await result).toMatchObject({ details: { reason: 'not-authentic' } })
  expect(sink.end()).toBe('aborted')
  await hostile.part(3, new Uint8Array(32))
  await hostile.part(4, contentOf(CHUNK))
  expect(file.state).toBe('ended')
})

test('[R197, R198] a checksum that does not match ends the transfer: what was written is aborted', async () => {
  const hostile = new HostileSender()
  hostile.offer(0)
  const { sink, result } = await hostile.accepted()
  await hostile.part(0, new Uint8Array(32))
  expect(await result).toMatchObject({ details: { reason: 'not-authentic' } })
  await nextTask()
  expect(sink.end()).toBe('aborted')
  expect(hostile.stand.clock.pending).toBe(0)
})

test('[R191, R202] offers of any other form are dropped: names that are paths, sizes, types, extra members, known ids', async () => {
  const hostile = new HostileSender()
  const key = encodeBase64Url(hostile.secrets.key)
  const good = { type: 'offer', id: hostile.id, key, name: 'a', size: 5, mediaType: '' }
  const bad: readonly object[] = [
    ...[
      '../../etc/passwd',
      'a/b',
      'C:\\x',
      '',
      '.',
      '..',
      'CON',
      'nul.txt',
      'a\u0000',
      'p\u202Egnp.exe',
    ],
    ...['x'.repeat(1025), 'trailing.', 'half\ud83d', 7, null],
  ].map((name) => ({ ...good, name }))
  const more = [
    ...[-1, 1.5, 32_000 * 2 ** 24 + 1, '5', null].map((size) => ({ ...good, size })),
    ...['text/\u00e9', 'x'.repeat(256), 5].map((mediaType) => ({ ...good, mediaType })),
    ...['', 'AAAA', 5, `${hostile.id}A`].map((id) => ({ ...good, id })),
    ...['', 'AAAA', 5].map((secret) => ({ ...good, key: secret })),
    { ...good, more: 1 },
    { type: 'accept', id: hostile.id },
    { type: 'end', id: hostile.id, reason: 'left' },
    { type: 'end', id: hostile.id, reason: 'constructor' },
    { type: 'pause', id: hostile.id, paused: 'yes' },
  ]
  const all = [...bad, ...more]
  for (const body of all) hostile.say(new TextEncoder().encode(JSON.stringify(body)))
  hostile.say(new Uint8Array([255, 0]))
  expect(hostile.bob.offers).toHaveLength(0)
  expect(hostile.bob.drops.get('malformed-body')).toBe(all.length + 1)
  const body = new TextEncoder().encode(JSON.stringify(good))
  hostile.say(body)
  hostile.say(body)
  expect(hostile.bob.offers).toHaveLength(1)
  expect(hostile.bob.drops.get('malformed-body')).toBe(all.length + 2)
})

test('[R201] a flood of offers opens 16, is answered within its bound, and leaves others their places', async () => {
  const stand = new FileStand()
  const [bob, mallory, carol] = [stand.side('B'), stand.side('M'), stand.side('C')]
  const offer = (from: Side): void => {
    const file = { name: 'a', size: 5, type: '' }
    const secrets = generateTransferSecrets()
    bob.exchange.receive(from.id, encodeFileBody({ type: 'offer', secrets, file }))
  }
  for (let count = 0; count < 1000; count += 1) offer(mallory)
  expect(bob.offers).toHaveLength(16)
  const answers = stand.said.map(({ body }) => decodeFileBody(body))
  expect(answers).toHaveLength(64 - 16)
  for (const answer of answers) expect(answer).toMatchObject({ type: 'end', reason: 'too-many' })
  expect(bob.drops.get('flood')).toBe(1000 - 64)
  offer(carol)
  expect(bob.offers).toHaveLength(17)
  for (const letter of ['D', 'E', 'F', 'G']) {
    for (let count = 0; count < 20; count += 1) offer(stand.side(letter))
  }
  expect(bob.offers).toHaveLength(64)
})

test('[R201] a session that sends too many files is told before anybody is offered anything', async () => {
  const stand = new FileStand()
  const [alice, bob] = [stand.side('A'), stand.side('B')]
  const file = { content: new Blob(['x']), name: 'a', type: '', size: 1 }
  for (let count = 0; count < 16; count += 1) alice.exchange.offer(file, [bob.id])
  const refused = expect.objectContaining({
    code: 'ERR_CLIENT_FILE',
    details: { reason: 'too-many' },
  })
  expect(() => alice.exchange.offer(file, [stand.side('C').id, bob.id])).toThrow(refused)
  expect(stand.said).toHaveLength(16)
  await nextTask()
  expect(bob.offers).toHaveLength(16)
})

test('[R191, R200] nobody pauses, ends or accepts a transfer of others, or what was never offered', async () => {
  const stand = new FileStand()
  const [alice, bob, mallory] = [stand.side('A'), stand.side('B'), stand.side('M')]
  const { out, in: offered } = await stand.offer(alice, bob, { content: blobOf(SIZE) })
  const offer = decodeFileBody(stand.said[0]?.body ?? new Uint8Array())
  if (offer?.type !== 'offer') throw new Error('expected the offer')
  const id = encodeBase64Url(offer.secrets.id)
  for (const side of [alice, bob]) {
    side.exchange.receive(mallory.id, encodeFileBody({ type: 'end', id, reason: 'cancelled' }))
    side.exchange.receive(mallory.id, encodeFileBody({ type: 'pause', id, paused: true }))
  }
  // Even somebody with the key: the transfer is between two.
  const parts = await createFileParts(offer.secrets)
  const sealed = await parts.seal(
    { side: 'receiver', run: 1, index: 0 },
    encodeWish({ next: 0, limit: 9 }),
  )
  const bytes = encodeFileFrame({ type: 'wish', id, run: 1, index: 0, sealed })
  stand.invent({ from: mallory.id, to: alice.id, bytes })
  const other = encodeBase64Url(generateTransferSecrets().id)
  const unknown = encodeFileFrame({ type: 'wish', id: other, run: 1, index: 0, sealed })
  stand.invent({ from: bob.id, to: alice.id, bytes: unknown })
  await stand.run(undefined, { idleTurns: 5 })
  expect([out.state, offered.state]).toEqual(['offered', 'offered'])
  expect(stand.seen).toHaveLength(0)
})
