/** The seed's channels in clear, in one page. */
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { Receiver, Sender } from '@conclave/p2p/plain'
import type { TypedEventTarget } from '@conclave/p2p'
import type { ChannelEvents, SenderEvents } from '@conclave/p2p/plain'
import { expect, onTestFinished, test } from 'vitest'

test('[S99, S101] the channels of the seed run in clear, and say so', async () => {
  const bus = new MemoryBus()
  const sender = new Sender({ driver: new MemoryDriver(bus), id: 'alice' })
  const receiver = new Receiver({ driver: new MemoryDriver(bus), id: 'bob' })
  const heard: string[] = []
  const log = (detail: ChannelEvents['channel:message']): void => {
    heard.push(`${detail.id} ${detail.channel.label}: ${String(detail.data)}`)
  }
  const opened: ChannelEvents['channel:open'][] = []
  const problems: string[] = []
  for (const peer of [sender, receiver]) {
    onTestFinished(() => peer.stop())
    const events = peer as unknown as TypedEventTarget<
      ChannelEvents & Pick<SenderEvents, 'problem'>
    >
    events.on('channel:message', log)
    events.on('channel:open', (detail) => opened.push(detail))
    events.on('problem', ({ problem }) => problems.push(problem.code))
  }
  await sender.start({ room: 'demo-room', channels: { chat: { ordered: true } } })
  await receiver.start({ room: 'demo-room' })
  await expect.poll(() => opened.map(({ id }) => id).toSorted()).toEqual(['alice', 'bob'])
  await sender.send('hello', { peer: 'bob', channel: 'chat' })
  await opened.find(({ id }) => id === 'alice')?.channel.send('hello back')
  await expect.poll(() => heard.toSorted()).toEqual(['alice chat: hello', 'bob chat: hello back'])
  expect([sender.protection, receiver.protection]).toEqual(['none', 'none'])
  expect(problems).toEqual(['ERR_P2P_NOT_ENCRYPTED', 'ERR_P2P_NOT_ENCRYPTED'])
})
