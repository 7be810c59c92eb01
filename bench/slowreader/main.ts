/**
 * 900 messages of 4 KB to a reader whose network brings 1 Mbit/s, over a hub with its default limits: in a room, and in a private
 * channel. How long until the calls that send them end, until the reader has them, and whether each came once and in order.
 *
 * `npm run bench -- slowreader [--messages N] [--json]`
 *
 * @module
 */
import { connectHub } from '@conclave/client/channels'
import { createRoomLink, Room } from '@conclave/client'
import { Keyring } from '@conclave/e2ee'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { startThrottledProxy } from '../../packages/client/test/hub/throttled-proxy.ts'
import { type BenchRow, printResult } from '../table.ts'

const at = process.argv.indexOf('--messages')
const count = at < 0 ? 900 : Number(process.argv[at + 1])
const texts = Array.from({ length: count }, (_, index) => `${index} `.padEnd(3900, 'x'))

interface Pair {
  send(text: string): Promise<unknown>
  receive(handler: (text: string) => void): void
  close(): Promise<unknown>
}

const proxy = await startThrottledProxy(125_000)
const served = await serve({
  port: 0,
  hub: ({ port }) =>
    createHub({
      engine: createMemoryEngine(),
      ...{ origins: [`http://127.0.0.1:${port}`], hosts: [proxy.host, `127.0.0.1:${port}`] },
      allowNonBrowser: true,
      authorize: ({ token = '', wants }) => ({ user: token, rights: wants, expiresInMs: 600_000 }),
    }),
})
proxy.target = served.port
const fast = `127.0.0.1:${served.port}`
const rows = [
  ...(await measure('room', await meetInRoom())),
  ...(await measure('channel', await meetInChannel())),
]
printResult('slowreader', rows)
proxy.close()
await served.close()

async function meetInRoom(): Promise<Pair> {
  const link = await createRoomLink(`http://${fast}/`)
  const join = (name: string, host: string): Promise<Room> =>
    Room.join(link, { name, media: false, hub: `ws://${host}/hub` })
  const [alice, bob] = await Promise.all([join('Alice', fast), join('Bob', proxy.host)])
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (alice.participants.size + bob.participants.size < 2) setTimeout(look, 20)
      else resolve()
    }
    look()
  })
  return {
    send: (text) => alice.chat.send(text),
    receive: (handler) => void bob.on('chat', ({ message }) => handler(message.text)),
    close: () => Promise.all([alice.leave(), bob.leave()]),
  }
}

async function meetInChannel(): Promise<Pair> {
  const keys = new Keyring()
  keys.rotate({ keyId: 'orders', epoch: 1, key: new Uint8Array(32).fill(7) })
  const clients = [fast, proxy.host].map((host, index) =>
    connectHub({ url: `ws://${host}/hub`, authorize: () => `user-${index}` }),
  )
  const channels = clients.map((client, index) =>
    client.channel('private-orders', { keys, sender: `user-${index}` }),
  )
  await Promise.all(channels.map(({ opened }) => opened))
  const [alice, bob] = channels
  return {
    send: async (text) => alice?.send('order', text),
    receive: (handler) => void bob?.on('order', (value) => handler(String(value))),
    close: () => Promise.all(clients.map((client) => client.close())),
  }
}

async function measure(name: string, pair: Pair): Promise<readonly BenchRow[]> {
  const received: string[] = []
  const all = new Promise<void>((resolve) => {
    pair.receive((text) => {
      received.push(text)
      if (received.length === count) resolve()
    })
  })
  const startedMs = performance.now()
  await Promise.all(texts.map((text) => pair.send(text)))
  const sentMs = performance.now() - startedMs
  await all
  const receivedMs = performance.now() - startedMs
  await pair.close()
  if (received.join() !== texts.join()) throw new Error(`${name}: messages are missing or doubled`)
  const row = (metric: string, ms: number): BenchRow => ({
    ...{ case: `${count} messages in a ${name}`, metric, unit: 's', ours: ms / 1000, peers: {} },
    ...{ better: 'lower', spread: [ms / 1000, ms / 1000] },
  })
  return [row('calls ended', sentMs), row('received', receivedMs)]
}
