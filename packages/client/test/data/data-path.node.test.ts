import { MAX_SEALED_BYTES } from '@conclave/e2ee'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MAX_DATA_BYTES } from '../../src/data/data-body.ts'
import { MESSAGE_KINDS, encodeBody } from '../../src/messages/bodies.ts'
import { DataStand, text } from './data-stand.ts'

let stand: DataStand

beforeEach(() => {
  stand = new DataStand()
})
afterEach(() => stand.close())

test('[R170, R172] data comes whole, once and in the order of the calls', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const { path } = alice.data
  const largest = new Uint8Array(path.maxBytes).fill(0x61)
  const sent = Promise.all([
    path.send(bob.self, 'file', text('one')),
    path.send(bob.self, 'file', largest),
    path.send(bob.self, 'file', new Uint8Array()),
    path.send(bob.self, 'file', text('two')),
  ])
  await stand.settle()
  await sent
  expect(bob.heard).toEqual(['one', 'a'.repeat(MAX_DATA_BYTES), '', 'two'])
  expect(alice.dropped).toEqual([])
  expect(bob.dropped).toEqual([])
})

test('[R170] the parts of a room hear their own data only, and nothing passes the hub in clear', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const topics: number[] = []
  bob.data.path.on('topic', ({ bytes }) => topics.push(bytes.length))
  const content = text('a word that no hub may see')
  await alice.data.path.send(bob.self, 'topic', content)
  await stand.settle()
  expect(topics).toEqual([content.length])
  expect(bob.heard).toEqual([])
  const seen = stand.hub.seen.map(({ payload }) => new TextDecoder().decode(payload)).join()
  expect(seen).not.toContain('a word')
})

test('[R170] the length of what is sent is padded', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const lengths = new Set<number>()
  for (const length of [0, 1, 30, 62]) {
    await alice.data.path.send(bob.self, 'file', new Uint8Array(length))
    lengths.add(stand.hub.seen.at(-1)?.payload.length ?? 0)
  }
  expect(lengths.size).toBe(1)
  await alice.data.path.send(bob.self, 'file', new Uint8Array(MAX_DATA_BYTES))
  const largest = stand.hub.seen.at(-1)?.payload.length ?? 0
  await alice.data.path.send(bob.self, 'file', new Uint8Array(MAX_DATA_BYTES - 500))
  expect(stand.hub.seen.at(-1)?.payload.length).toBe(largest)
  expect(largest).toBeLessThan(MAX_SEALED_BYTES)
})

test('[R170] no hub and no other member repeats data, changes it, or has it taken as of somebody else', async () => {
  const [alice, bob, mallory] = await stand.meet('Alice', 'Bob', 'Mallory')
  await alice.data.path.send(bob.self, 'file', text('once'))
  await stand.settle()
  const payload = stand.hub.seen.at(-1)?.payload ?? new Uint8Array()
  const changed = Uint8Array.from(payload)
  changed[50] = (changed[50] ?? 0) ^ 1
  const forgeries = [
    { from: alice.self, to: bob.self, payload },
    { from: alice.self, to: bob.self, payload: changed },
    { from: mallory.self, to: bob.self, payload },
    { from: alice.self, to: mallory.self, payload },
    { from: bob.self, to: alice.self, payload },
  ]
  for (const forgery of forgeries) stand.hub.invent(forgery)
  await stand.settle()
  expect(stand.members.map(({ heard }) => heard)).toEqual([[], ['once'], []])
  expect(bob.dropped).toHaveLength(3)
})

test('[R170] a message of another kind is no data, and data in another stream is none', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const body = encodeBody({ text: 'hello', at: 1 })
  const { sealer } = alice
  const asData = { kind: MESSAGE_KINDS.chat, to: bob.self, isData: true }
  const { bytes: payload } = await sealer.seal(asData, body)
  const said: number[] = []
  bob.messages.on('message', ({ kind }) => said.push(kind))
  stand.hub.invent({ from: alice.self, to: bob.self, payload })
  await stand.settle()
  expect(bob.dropped).toEqual(['malformed-body'])
  expect([said, bob.heard]).toEqual([[], []])
  // As a message in order it is of a kind that nobody receives.
  await alice.messages.send(bob.self, MESSAGE_KINDS.data, body)
  await stand.settle()
  expect([said, bob.heard]).toEqual([[MESSAGE_KINDS.data], []])
})

test('[R170] data goes only to those who take it, and comes only from the roster', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const carol = await stand.join('Carol', { takesData: false })
  await stand.settle()
  expect(alice.data.path.participants).toEqual([bob.self])
  const refused = alice.data.path.send(carol.self, 'file', text('x'))
  await expect(refused).rejects.toMatchObject({ code: 'ERR_CLIENT_NO_PARTICIPANT' })
  expect(alice.data.path.offer(carol.self, 'file', text('x'))).toBe(false)
  carol.messages.setInfo({ name: 'Carol', published: {}, data: true })
  stand.clock.advance(250)
  await stand.settle()
  expect(alice.data.path.participants).toEqual([bob.self, carol.self])
  bob.transport.close()
  await stand.settle()
  expect(alice.data.path.participants).toEqual([carol.self])
  const payload = stand.hub.seen.find(({ from }) => from === bob.self)?.payload
  expect(payload).toBeDefined()
  const late = { kind: MESSAGE_KINDS.data, to: alice.self, isData: true }
  const { bytes } = await bob.sealer.seal(late, text('after it left'))
  stand.hub.invent({ from: bob.self, to: alice.self, payload: bytes })
  await stand.settle()
  expect(alice.heard).toEqual([])
  expect(alice.dropped).toEqual(['not-in-roster'])
})

test('[R172] data waits while nothing brings it, and goes when the hub is back', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  stand.hub.kill()
  let isSent = false
  const sent = alice.data.path.send(bob.self, 'file', text('late')).then(() => {
    isSent = true
  })
  expect(alice.data.path.offer(bob.self, 'file', text('too late'))).toBe(false)
  await stand.settle()
  expect(isSent).toBe(false)
  stand.hub.restart([alice.transport, bob.transport])
  await stand.settle()
  await sent
  expect(bob.heard).toEqual(['late'])
})

test('[R172] a path that may have lost something says so', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  alice.changes.length = 0
  bob.transport.lose()
  stand.hub.connect(bob.transport)
  await stand.settle()
  expect(alice.changes).toContain(bob.self)
  alice.changes.length = 0
  stand.hub.kill()
  stand.hub.restart([alice.transport, bob.transport])
  await stand.settle()
  expect(alice.changes).toContain(bob.self)
})

test('[R172] data that waits for a participant is rejected when it leaves, and when the room ends', async () => {
  const [alice, bob, carol] = await stand.meet('Alice', 'Bob', 'Carol')
  bob.transport.lose()
  carol.transport.lose()
  const waiting = [bob, carol].map(({ self }) => alice.data.path.send(self, 'file', text('x')))
  const outcomes = waiting.map((sending) =>
    sending.catch((error: { readonly code: string }) => error.code),
  )
  const aborting = new AbortController()
  const aborted = alice.data.path.send(carol.self, 'file', text('y'), aborting)
  aborting.abort(new Error('mine'))
  await expect(aborted).rejects.toMatchObject({ code: 'ERR_CLIENT_ABORTED' })
  stand.hub.disconnect(bob.transport, 'left')
  alice.transport.tell('participantLeft', { participant: bob.self, reason: 'left' })
  alice.data.close()
  expect(await Promise.all(outcomes)).toEqual(['ERR_CLIENT_NO_PARTICIPANT', 'ERR_CLIENT_CLOSED'])
  const after = alice.data.path.send(carol.self, 'file', text('z'))
  await expect(after).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
})

test('[R172] the waiting data is bounded, and so is one call', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  bob.transport.lose()
  const { path } = alice.data
  const codes: string[] = []
  const sendings = Array.from({ length: 70 }, () =>
    path.send(bob.self, 'file', text('x')).catch((error: { readonly code: string }) => {
      codes.push(error.code)
    }),
  )
  await stand.settle()
  expect(codes).toEqual(Array.from({ length: 6 }, () => 'ERR_CLIENT_OVERFLOW'))
  alice.data.close()
  await Promise.all(sendings)
  const tooMuch = new Uint8Array(path.maxBytes + 1)
  await expect(path.send(bob.self, 'file', tooMuch)).rejects.toThrow(RangeError)
})

test('[R171] at most 8 messages to a participant wait for the hub, and those to others do not wait for them', async () => {
  const [alice, bob, carol] = await stand.meet('Alice', 'Bob', 'Carol')
  const accept = stand.hub.accept.bind(stand.hub)
  // The hub answers nothing.
  stand.hub.accept = () => undefined
  const sent: number[] = []
  for (let number = 0; number < 12; number += 1) {
    void alice.data.path.send(bob.self, 'file', text(`${number}`)).then(() => sent.push(number))
  }
  await stand.settle()
  expect(sent).toHaveLength(8)
  expect(alice.data.path.offer(bob.self, 'file', text('x'))).toBe(false)
  expect(alice.data.path.offer(carol.self, 'file', text('x'))).toBe(true)
  await stand.settle()
  stand.hub.accept = accept
  stand.hub.kill()
  stand.hub.restart([bob.transport, carol.transport, alice.transport])
  await stand.settle()
  expect(sent).toHaveLength(12)
  expect(bob.heard).toEqual(Array.from({ length: 12 }, (_, number) => `${number}`))
})

test('[R173] a flood of data is dropped, and the chat of its sender and the data of others pass', async () => {
  const [alice, bob, carol] = await stand.meet('Alice', 'Bob', 'Carol')
  const said: number[] = []
  alice.messages.on('message', ({ kind }) => said.push(kind))
  const flood = { from: bob.self, to: alice.self, payload: await sealedData(bob, alice) }
  for (let count = 0; count < 20_000; count += 1) stand.hub.invent(flood)
  const sending = bob.messages.broadcast(
    MESSAGE_KINDS.chat,
    encodeBody({ text: 'still here', at: 1 }),
  )
  stand.clock.advance(250)
  await carol.data.path.send(alice.self, 'file', text('from Carol'))
  await stand.settle()
  await sending.sent
  expect(said).toEqual([MESSAGE_KINDS.chat])
  expect(alice.heard).toEqual(['from Carol'])
  expect(alice.dropped.filter((reason) => reason === 'flood').length).toBeGreaterThan(19_000)
})

const sealedData = async (
  from: { readonly sealer: DataStand['members'][number]['sealer'] },
  to: { readonly self: DataStand['members'][number]['self'] },
): Promise<Uint8Array> => {
  const options = { kind: MESSAGE_KINDS.data, to: to.self, isData: true }
  return (await from.sealer.seal(options, new Uint8Array(40))).bytes
}
