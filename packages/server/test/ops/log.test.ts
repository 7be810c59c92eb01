import { MemoryClient } from '@conclave/server/testing'
import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { createLog } from '../../src/ops/log.ts'
import type { LogEvent } from '../../src/ops/log.ts'
import { bytes, createTestHub, gather } from '../support.ts'

test('[H32] only numbers and known codes get into a line', () => {
  const lines: string[] = []
  const log = createLog((line) => lines.push(line), { clock: new VirtualClock(1000) })
  log({ event: 'ready', port: 8080, boundBytes: 1 })
  log({ event: 'failed', part: 'engine' })
  log({ event: 'failed', part: 'canary' } as unknown as LogEvent)
  log({ event: 'ready', port: 'canary', room: 'canary', code: 1 } as unknown as LogEvent)
  log({ event: 'ready', port: { canary: 'canary' } } as unknown as LogEvent)
  log({ event: 'canary' } as unknown as LogEvent)
  expect(lines).toEqual([
    '{"time":1000,"event":"ready","port":8080,"boundBytes":1}',
    '{"time":1000,"event":"failed","part":"engine"}',
    '{"time":1000,"event":"failed"}',
    '{"time":1000,"event":"ready"}',
    '{"time":1000,"event":"ready"}',
  ])
})

test('[H32] a flood of events is suppressed, and counted', () => {
  const clock = new VirtualClock()
  const lines: string[] = []
  const log = createLog((line) => lines.push(line), { clock })
  for (let times = 0; times < 600; times += 1)
    log({ event: 'upgradeRefused', status: 403, rule: 'host' })
  expect(lines).toHaveLength(500)
  clock.advance(1000)
  log({ event: 'stopped' })
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'stopped', suppressed: 100 })
})

test('[H32] nothing that clients send reaches the log', async () => {
  const { hub, lines } = createTestHub()
  const { room, clients } = await gather(hub, 2)
  const [alice] = clients
  await alice?.publish(bytes('canary'))
  await alice?.connection.receive('{"type":"canary"}')
  await alice?.connection.receive(bytes('canary'))
  const stranger = new MemoryClient(hub, { address: '192.0.2.99' })
  await stranger.connection.receive('canary')
  hub.admit({
    target: '/canary?canary',
    host: 'canary',
    origin: 'canary',
    protocols: 'canary',
    address: 'canary',
  })
  stranger.close()
  for (const client of clients) client.close()
  await hub.close()
  const text = lines.join('\n')
  expect(lines.length).toBeGreaterThan(3)
  const secrets = [
    'canary',
    '192.0.2',
    room.id,
    ...clients.flatMap(({ session }) => [session.participant, session.key]),
  ]
  for (const secret of secrets) expect(text).not.toContain(secret)
  expect(JSON.parse(lines.find((line) => line.includes('connectionEnded')) ?? '')).toMatchObject({
    code: 4400,
    by: 'hub',
    received: 1,
  })
})

test('[H32] a code that the client gave is not taken for one of the hub', async () => {
  const { hub, lines } = createTestHub()
  new MemoryClient(hub).close(4503)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ code: 4503, by: 'client' })
  expect(hub.stats().ended).toMatchObject({ lost: 1, draining: 0 })
})

test('[H54] the level debug names origin and host of a refusal in their forms only', () => {
  const logged = (logLevel: 'info' | 'debug', origin: string, host: string): unknown => {
    const { hub, lines } = createTestHub({ logLevel })
    hub.admit({ target: '/hub', host, origin, protocols: undefined, address: '192.0.2.1' })
    const { time: _, ...line } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    return line
  }
  const refused = { event: 'upgradeRefused', status: 403, rule: 'host' }
  expect(logged('info', 'https://bob.example', 'bob.example')).toEqual(refused)
  expect(logged('debug', 'https://bob.example', 'bob.example:81')).toEqual({
    ...refused,
    ...{ origin: 'https://bob.example', host: 'bob.example:81' },
  })
  expect(logged('debug', 'null', '10.0.0.1')).toEqual({
    ...refused,
    origin: 'null',
    host: '10.0.0.1',
  })
  const long = 'a'.repeat(300)
  for (const origin of [
    'https://bob.example/?token',
    'token',
    'https://bob:pw@b.example',
    `https://${long}`,
  ])
    expect(logged('debug', origin, `${long}/token`)).toEqual(refused)
})
