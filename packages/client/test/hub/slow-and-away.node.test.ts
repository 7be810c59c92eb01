/** Rooms and channels over the real hub: a slow reader, and a hub that is away. Nothing is lost or doubled in silence. */
import { createRoomLink, Room } from '@conclave/client'
import type { HubLimits } from '@conclave/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connect, startHub } from '../channels/real-hub.ts'
import { sealed } from '../channels/scripted-hub.ts'
import { startThrottledProxy, type ThrottledProxy } from './throttled-proxy.ts'

/** Two people on a line: one writes, and the other reads at its own address of the hub. */
interface Pair {
  send(text: string): Promise<unknown>
  readonly received: readonly string[]
  /** Whether the writer's connection stands, and the reader's. */
  standing(): readonly [boolean, boolean]
}

type Kind = (hosts: { readonly writer: string; readonly reader: string }) => Promise<Pair>

const inRoom: Kind = async ({ writer, reader }) => {
  const link = await createRoomLink(`http://${writer}/`)
  const join = async (name: string, host: string): Promise<Room> => {
    const room = await Room.join(link, { name, media: false, hub: `ws://${host}/hub` })
    onTestFinished(() => room.leave())
    return room
  }
  const [alice, bob] = await Promise.all([join('Alice', writer), join('Bob', reader)])
  const received: string[] = []
  bob.on('chat', ({ message }) => received.push(message.text))
  await expect.poll(() => alice.participants.size + bob.participants.size).toBe(2)
  return {
    received,
    send: (text) => alice.chat.send(text),
    standing: () => [alice.snapshot.state === 'connected', bob.snapshot.state === 'connected'],
  }
}

const inChannel: Kind = async ({ writer, reader }) => {
  const open = async (name: string, host: string) => {
    const client = connect(`ws://${host}/hub`, `${name}.laptop`)
    const channel = client.channel('private-orders', sealed(name))
    await channel.opened
    return channel
  }
  const [alice, bob] = await Promise.all([open('alice', writer), open('bob', reader)])
  const received: string[] = []
  bob.on('chat', (value) => received.push(value as string))
  return {
    received,
    send: (text) => alice.send('chat', text),
    standing: () => [alice.state.type === 'open', bob.state.type === 'open'],
  }
}

/** Writers are much faster than the reader, and no machine that stands still for a moment makes them faster than they may be. */
const LIMITS: Partial<HubLimits> = {
  ...{ publishBurst: 4096, publishesInFlight: 4096 },
  ...{ publishPerSecond: 5000, publishesPerUser: 5000, publishBurstPerUser: 10_000 },
  ...{ publishesPerChannel: 5000, publishBurstPerChannel: 10_000 },
  ...{ bytesPerSecond: 2 ** 23, bytesBurst: 2 ** 21 },
}

describe.each([
  ['rooms', inRoom],
  ['channels', inChannel],
] as const)('%s', (name, meet) => {
  test('[G95, R5, H25] a reader of 8 Mbit/s gets 150 messages of 4 KB, each once and in order', async () => {
    const proxy = await startThrottledProxy(1_000_000)
    onTestFinished(() => proxy.close())
    const served = await startHub({ limits: LIMITS, hosts: [proxy.host] })
    proxy.target = served.port
    const pair = await meet({ writer: proxy.host, reader: proxy.host })
    const texts = Array.from({ length: 150 }, (_, at) => `${at} `.padEnd(3900, 'x'))
    await Promise.all(texts.map((text) => pair.send(text)))
    await expect.poll(() => pair.received.length).toBe(150)
    expect(pair.received).toEqual(texts)
  })

  test('[G95, R5, R31] of 3,000 messages written while the hub is away each arrives once, or is refused to its writer', async () => {
    const [writer, reader] = await Promise.all([unthrottled(), unthrottled()])
    const options = { limits: LIMITS, hosts: [writer.host, reader.host] }
    const first = await startHub(options)
    for (const proxy of [writer, reader]) proxy.target = first.port
    const pair = await meet({ writer: writer.host, reader: reader.host })
    await pair.send('first')
    await expect.poll(() => pair.received).toEqual(['first'])
    await first.close()
    await expect.poll(pair.standing).toEqual([false, false])
    const sends = Array.from({ length: 3000 }, (_, at) =>
      pair.send(`${at}`).then(
        () => `${at}`,
        (error: { code: string }) => error.code,
      ),
    )
    // A hub keeps nothing for those who are away: its reader comes back first.
    const second = await startHub(options)
    reader.target = second.port
    await expect.poll(pair.standing).toEqual([false, true])
    writer.target = second.port
    const results = await Promise.all(sends)
    const sent = results.filter((result) => !result.startsWith('ERR_'))
    expect(new Set(results.filter((result) => !sent.includes(result)))).toEqual(
      new Set(['ERR_CLIENT_OVERFLOW']),
    )
    expect(sent.length).toBeGreaterThanOrEqual(name === 'rooms' ? 900 : 2048)
    await expect.poll(() => pair.received.length).toBe(1 + sent.length)
    expect(pair.received).toEqual(['first', ...sent])
  })
})

async function unthrottled(): Promise<ThrottledProxy> {
  const proxy = await startThrottledProxy(2 ** 30)
  onTestFinished(() => proxy.close())
  return proxy
}
