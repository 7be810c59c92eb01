import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TurnWriter } from '../../src/node/turn-writer.ts'

/** A connection that keeps what was written to it, as it was. */
function connect(writer: TurnWriter) {
  const chunks: Buffer[] = []
  return { chunks, queue: writer.queue({ write: (frames) => void chunks.push(frames) }) }
}

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

/** The messages of frames that are whole messages without a mask. RFC 6455 §5.2 */
function read(chunks: readonly Buffer[]): (string | Uint8Array)[] {
  const all = Buffer.concat(chunks)
  const messages: (string | Uint8Array)[] = []
  for (let at = 0; at < all.length;) {
    const [head = 0, short = 0] = all.subarray(at)
    at += 2
    let length = short
    if (short === 126) length = all.readUInt16BE(at)
    if (short === 127) length = Number(all.readBigUInt64BE(at))
    at += short === 126 ? 2 : short === 127 ? 8 : 0
    const data = all.subarray(at, at + length)
    expect(data).toHaveLength(length)
    if (head === 0x81) messages.push(data.toString())
    else if (head === 0x82) messages.push(new Uint8Array(data))
    else throw new Error(`unexpected frame ${head}`)
    at += length
  }
  return messages
}

test('[H50] all that is sent within a turn is one write, in order, of messages of every length', async () => {
  const { chunks, queue } = connect(new TurnWriter())
  const messages = [
    '',
    'text',
    '€'.repeat(100),
    bytes(0, 1),
    bytes(125, 2),
    bytes(126, 3),
    bytes(9000, 4),
  ]
  for (const message of messages) queue.send(message)
  expect(chunks).toEqual([])
  expect(queue.bytes).toBeGreaterThan(9000)
  await turn()
  expect(chunks).toHaveLength(1)
  expect(read(chunks)).toEqual(messages)
  expect(queue.bytes).toBe(0)
})

test('[H50] connections that are sent the same share the bytes, others get theirs', async () => {
  const writer = new TurnWriter()
  const streams = [connect(writer), connect(writer), connect(writer), connect(writer)]
  const [alice, bob, carol, mallory] = streams.map(({ queue }) => queue)
  const [first, second, own] = [bytes(10, 1), bytes(10, 2), bytes(10, 3)]
  for (const message of [first, second])
    for (const queue of [alice, bob, carol]) queue?.send(message)
  carol?.send(own)
  mallory?.send(second)
  await turn()
  const written = streams.map(({ chunks }) => chunks[0])
  expect(written[1]).toBe(written[0])
  expect(written[2]).not.toBe(written[0])
  expect(streams.map(({ chunks }) => read(chunks))).toEqual([
    [first, second],
    [first, second],
    [first, second, own],
    [second],
  ])
  // The next turn has its own bytes.
  alice?.send(first)
  await turn()
  expect(read(streams[0]?.chunks.slice(1) ?? [])).toEqual([first])
})

test('[H50] rooms that speak in turns: connections of one room share bytes, and one in both gets its order', async () => {
  const writer = new TurnWriter()
  const streams = Array.from({ length: 5 }, () => connect(writer))
  const [one, two, both, three, four] = streams.map(({ queue }) => queue)
  const rooms = [
    [one, two, both],
    [three, four, both],
  ]
  for (let n = 0; n < 6; n += 1) {
    const message = n === 3 ? 'text' : bytes(10, n)
    for (const queue of rooms[n % 2] ?? []) queue?.send(message)
  }
  await turn()
  const [a, b, c, d, e] = streams.map(({ chunks }) => chunks)
  expect([b?.[0] === a?.[0], e?.[0] === d?.[0]]).toEqual([true, true])
  expect(read(a ?? [])).toEqual([bytes(10, 0), bytes(10, 2), bytes(10, 4)])
  expect(read(d ?? [])).toEqual([bytes(10, 1), 'text', bytes(10, 5)])
  expect(read(c ?? [])).toEqual([0, 1, 2, 3, 4, 5].map((n) => (n === 3 ? 'text' : bytes(10, n))))
})

test('[H50] more than 64 KiB go at once, and a message above 64 KiB keeps its length', async () => {
  const { chunks, queue } = connect(new TurnWriter())
  queue.send(bytes(60_000, 1))
  expect(chunks).toHaveLength(0)
  queue.send(bytes(6000, 2))
  expect(chunks).toHaveLength(1)
  queue.send(bytes(70_000, 3))
  expect(chunks).toHaveLength(2)
  queue.send('the last')
  await turn()
  expect(read(chunks)).toEqual([bytes(60_000, 1), bytes(6000, 2), bytes(70_000, 3), 'the last'])
})

test('[H50] a flush comes before the end of the turn, and a queue that is dropped is not written', async () => {
  const { chunks, queue } = connect(new TurnWriter())
  queue.send('dropped')
  queue.drop()
  await turn()
  queue.send('flushed')
  queue.flush()
  expect(read(chunks)).toEqual(['flushed'])
  queue.flush()
  await turn()
  expect(chunks).toHaveLength(1)
})
