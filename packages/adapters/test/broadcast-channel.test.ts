import { sealBroadcastChannel } from '@conclave/adapters/broadcast-channel'
import type { DroppedArrival } from '@conclave/adapters'
import { afterEach, expect, test } from 'vitest'
import { ringOf } from './fixtures.ts'

const channels: BroadcastChannel[] = []
const openChannel = (name: string): BroadcastChannel => {
  const channel = new BroadcastChannel(name)
  channels.push(channel)
  return channel
}
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close()
})

test('[T50, T70] events arrive opened; a listener without the key gets an envelope in bytes', async () => {
  const alice = sealBroadcastChannel(openChannel('tabs'), { keys: ringOf(), sender: 'alice' })
  const bob = sealBroadcastChannel(openChannel('tabs'), { keys: ringOf(), sender: 'bob' })
  const overheard: unknown[] = []
  openChannel('tabs').addEventListener('message', ({ data }) => overheard.push(data))
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  await alice.send('message', { body: 'canary' })
  await alice.send('message', new Uint8Array([1, 2]))
  await expect.poll(() => values).toEqual([{ body: 'canary' }, new Uint8Array([1, 2])])
  await expect.poll(() => overheard).toHaveLength(2)
  expect(overheard[0]).toEqual({ event: 'message', data: expect.any(Uint8Array) })
  const { data } = overheard[0] as { data: Uint8Array }
  expect(new TextDecoder('latin1').decode(data)).not.toContain('canary')
})

test('[T6, T50] foreign messages reach no handler', async () => {
  const bob = sealBroadcastChannel(openChannel('tabs'), { keys: ringOf(), sender: 'bob' })
  const drops: DroppedArrival[] = []
  const values: unknown[] = []
  bob.on('dropped', (drop) => drops.push(drop))
  bob.on('message', (value) => values.push(value))
  const other = openChannel('tabs')
  const messages = [
    undefined,
    null,
    'text',
    7,
    [],
    { event: 'message', data: { body: 'in clear' } },
  ]
  for (const message of messages) other.postMessage(message)
  await expect.poll(() => drops.length).toBe(messages.length)
  expect(new Set(drops.map(({ reason }) => reason))).toEqual(new Set(['unsealed']))
  expect(values).toEqual([])
})

test('[T18, T19, T50] clear events are the UTF-8 of their JSON, and pages that have no key can send them', async () => {
  const clear = ['typing'] as const
  const alice = sealBroadcastChannel(openChannel('tabs'), {
    keys: ringOf(),
    sender: 'alice',
    clear,
  })
  const bob = sealBroadcastChannel(openChannel('tabs'), { keys: ringOf(), sender: 'bob', clear })
  const page = openChannel('tabs')
  const overheard: unknown[] = []
  page.addEventListener('message', ({ data }) => overheard.push(data))
  const heard: unknown[] = []
  bob.on('typing', (value, { type }) => heard.push([type, value]))
  await alice.send('typing', { by: 'alice' })
  await expect.poll(() => heard).toEqual([['clear', { by: 'alice' }]])
  page.postMessage({ event: 'typing', data: { by: 'a page' } })
  await expect.poll(() => heard.at(-1)).toEqual(['clear', { by: 'a page' }])
  await expect.poll(() => overheard).toHaveLength(1)
  expect(overheard).toEqual([{ event: 'typing', data: new TextEncoder().encode('{"by":"alice"}') }])
})

test('[T50] the context is the channel: an event that was sealed on another one does not open', async () => {
  const alice = sealBroadcastChannel(openChannel('other'), { keys: ringOf(), sender: 'alice' })
  const bob = sealBroadcastChannel(openChannel('tabs'), { keys: ringOf(), sender: 'bob' })
  const bridge = openChannel('tabs')
  openChannel('other').addEventListener('message', ({ data }) => bridge.postMessage(data))
  await alice.send('message', 1)
  await expect.poll(() => bob.dropped.get('not-authentic')).toBe(1)
})

test('[T50] sending on a closed channel fails', async () => {
  const channel = openChannel('tabs')
  const alice = sealBroadcastChannel(channel, { keys: ringOf(), sender: 'alice' })
  channel.close()
  await expect(alice.send('message', 1)).rejects.toMatchObject({ code: 'ERR_ADAPTER_NOT_OPEN' })
})

test('[T5] the channel beneath keeps working after closing', async () => {
  const channel = openChannel('tabs')
  const alice = sealBroadcastChannel(channel, { keys: ringOf(), sender: 'alice' })
  await alice.close()
  const heard: unknown[] = []
  channel.addEventListener('message', ({ data }) => heard.push(data))
  openChannel('tabs').postMessage('of the app')
  await expect.poll(() => heard).toEqual(['of the app'])
})

test('[T15] a value that is no channel is refused', () => {
  expect(() => sealBroadcastChannel({} as never, { keys: ringOf(), sender: 'a' })).toThrow(
    '"channel" expected',
  )
})
