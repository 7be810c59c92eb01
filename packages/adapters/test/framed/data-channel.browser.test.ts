/** Real data channels between two real peers in one page. */
import { sealDataChannel } from '@conclave/adapters/data-channel'
import type { DataChannelOptions } from '@conclave/adapters/data-channel'
import { afterEach, expect, test } from 'vitest'
import { CONTEXT, failureOf, ringOf } from '../fixtures.ts'

const connections: RTCPeerConnection[] = []
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close()
})

/** Two ends of one channel; `connect` lets them find each other. */
function makePair(): {
  near: RTCDataChannel
  far: Promise<RTCDataChannel>
  connect(): Promise<void>
} {
  const [offerer, answerer] = [new RTCPeerConnection(), new RTCPeerConnection()]
  connections.push(offerer, answerer)
  offerer.onicecandidate = ({ candidate }) => void answerer.addIceCandidate(candidate ?? undefined)
  answerer.onicecandidate = ({ candidate }) => void offerer.addIceCandidate(candidate ?? undefined)
  const near = offerer.createDataChannel('events')
  const far = new Promise<RTCDataChannel>((resolve) => {
    answerer.ondatachannel = ({ channel }) => resolve(channel)
  })
  return {
    near,
    far,
    async connect() {
      await offerer.setLocalDescription()
      await answerer.setRemoteDescription(offerer.localDescription as RTCSessionDescription)
      await answerer.setLocalDescription()
      await offerer.setRemoteDescription(answerer.localDescription as RTCSessionDescription)
    },
  }
}

const optionsOf = (sender: string, more: Partial<DataChannelOptions> = {}): DataChannelOptions => ({
  keys: ringOf(),
  context: CONTEXT,
  sender,
  ...more,
})

test('[T60] events that are sent while the channel connects wait, and arrive in order', async () => {
  const { near, far, connect } = makePair()
  const alice = sealDataChannel(near, optionsOf('alice'))
  const sends = Array.from({ length: 50 }, (_, value) => alice.send('message', { value }))
  const [, channel] = await Promise.all([connect(), far])
  const bob = sealDataChannel(channel, optionsOf('bob'))
  const raw: unknown[] = []
  channel.addEventListener('message', ({ data }) => raw.push(data))
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  await Promise.all(sends)
  await expect.poll(() => values.length).toBe(50)
  expect(values).toEqual(Array.from({ length: 50 }, (_, value) => ({ value })))
  expect(raw.every((data) => data instanceof ArrayBuffer)).toBe(true)
  bob.on('answer', () => {})
  const answers: unknown[] = []
  alice.on('answer', (value) => answers.push(value))
  await bob.send('answer', new Uint8Array([1]))
  await expect.poll(() => answers).toEqual([new Uint8Array([1])])
})

test('[T6, T60] messages that the other end sends in clear reach no handler', async () => {
  const { near, far, connect } = makePair()
  const [, channel] = await Promise.all([connect(), far])
  const bob = sealDataChannel(channel, optionsOf('bob'))
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  if (near.readyState !== 'open') await new Promise((resolve) => (near.onopen = resolve))
  near.send('{"event":"message","data":{"body":"in clear"}}')
  near.send(new Uint8Array([1, 0, 1, 65]))
  await expect.poll(() => bob.dropped.get('unsealed')).toBe(2)
  expect(values).toEqual([])
})

test('[T18, T19, T60] clear events travel beside sealed ones, and a sealed name stays sealed', async () => {
  const { near, far, connect } = makePair()
  const [, channel] = await Promise.all([connect(), far])
  const options = { ...optionsOf('alice'), clear: ['typing'] } as const
  const alice = sealDataChannel(near, options)
  const bob = sealDataChannel(channel, { ...options, sender: 'bob' })
  const heard: unknown[] = []
  bob.on('typing', (value, { type }) => heard.push([type, value]))
  bob.on('message', (value, { type }) => heard.push([type, value]))
  await alice.send('typing', true)
  await alice.send('message', 'sealed')
  near.send('{"event":"message","data":"in clear"}')
  near.send('{"event":"typing","data":false}')
  await expect
    .poll(() => heard)
    .toEqual([
      ['clear', true],
      ['sealed', 'sealed'],
      ['clear', false],
    ])
  expect(bob.dropped.get('unsealed')).toBe(1)
})

test('[T60] sending on a closed channel fails', async () => {
  const { near } = makePair()
  const alice = sealDataChannel(near, optionsOf('alice'))
  const failure = failureOf(alice.send('message', 1))
  near.close()
  expect(await failure).toMatchObject({ code: 'ERR_ADAPTER_NOT_OPEN' })
  await expect(alice.send('message', 2)).rejects.toMatchObject({ code: 'ERR_ADAPTER_NOT_OPEN' })
})

test('[T62] a frame that is too large is refused before it is sent', async () => {
  const { near } = makePair()
  const alice = sealDataChannel(near, optionsOf('alice'))
  await expect(alice.send('message', 'x'.repeat(2 ** 16))).rejects.toMatchObject({
    code: 'ERR_ADAPTER_TOO_LARGE',
    details: { maxBytes: 2 ** 16 },
  })
})

test('[T63] the buffer of the channel stays within its bound, and every message arrives', async () => {
  const { near, far, connect } = makePair()
  const maxBufferedBytes = 100_000
  const alice = sealDataChannel(near, optionsOf('alice', { maxBufferedBytes }))
  const [, channel] = await Promise.all([connect(), far])
  const bob = sealDataChannel(channel, optionsOf('bob'))
  let received = 0
  bob.on('message', () => (received += 1))
  let highest = 0
  const sends = Array.from({ length: 200 }, async () => {
    await alice.send('message', 'x'.repeat(30_000))
    highest = Math.max(highest, near.bufferedAmount)
  })
  await Promise.all(sends)
  await expect.poll(() => received).toBe(200)
  expect(highest).toBeGreaterThan(0)
  expect(highest).toBeLessThanOrEqual(maxBufferedBytes)
})

test('[T5, T63] closing ends a wait for room', async () => {
  const { near, far, connect } = makePair()
  await Promise.all([connect(), far])
  const alice = sealDataChannel(near, optionsOf('alice'))
  if (near.readyState !== 'open') await new Promise((resolve) => (near.onopen = resolve))
  const sends = Array.from({ length: 250 }, () => alice.send('message', 'x'.repeat(60_000)))
  const settling = Promise.allSettled(sends)
  await sends[0]
  await alice.close()
  const failed = (await settling).filter(({ status }) => status === 'rejected')
  for (const result of failed)
    expect(result).toMatchObject({ reason: { code: 'ERR_ADAPTER_CLOSED' } })
  expect(near.readyState).toBe('open')
})

test('[T15] a value that is no channel is refused', () => {
  expect(() => sealDataChannel({} as never, optionsOf('a'))).toThrow('"channel" expected')
})
