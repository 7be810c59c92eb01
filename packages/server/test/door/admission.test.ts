import { createHub, createMemoryEngine, localOrigins, parseOrigin } from '@conclave/server'
import type { Hub, HubLimits, UpgradeRequest } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { createTestHub, ORIGIN } from '../support.ts'

const good: UpgradeRequest = {
  target: '/hub',
  host: 'meet.example',
  origin: ORIGIN,
  protocols: 'conclave.v1',
  address: '192.0.2.1',
}

function statusOf(
  changes: Partial<UpgradeRequest>,
  options: Parameters<typeof createTestHub>[0] = {},
): number {
  const admission = createTestHub(options).hub.admit({ ...good, ...changes })
  return admission.type === 'refused' ? admission.status : 101
}

test('[H1] the origin is compared with scheme, host and port', () => {
  expect(statusOf({})).toBe(101)
  for (const origin of [
    'http://meet.example',
    'https://meet.example:8443',
    'https://meet.example:443',
    'https://meet.example/',
    'https://meet.example.evil.example',
    'https://evil-meet.example',
    'https://sub.meet.example',
    'https://MEET.example',
    'https://meet.example, https://meet.example',
    'https://meet.example@evil.example',
    'wss://meet.example',
    'null',
    '',
    '*',
  ]) {
    expect(statusOf({ origin })).toBe(403)
  }
})

test('[H1] origins that no browser sends are programming errors', () => {
  const create = (origin: string) => () =>
    createHub({ engine: createMemoryEngine(), origins: [origin] })
  for (const origin of [
    'meet.example',
    'https://meet.example/',
    'https://meet.example:443',
    'ws://a',
    'wss://meet.example',
    'file://',
    'null',
    'app://Bundle',
    'app://bundle/',
    'app://*',
    'https://*.meet.example',
    '*',
    '',
  ]) {
    expect(create(origin)).toThrow(TypeError)
    expect(parseOrigin(origin)).toBeUndefined()
  }
  expect(create('http://[::1]:8080')).not.toThrow()
  expect(localOrigins(80)[0]).toBe('http://localhost')
})

test('[H2] a request without an origin is refused, unless that was allowed', () => {
  expect(statusOf({ origin: undefined })).toBe(403)
  expect(statusOf({ origin: undefined }, { allowNonBrowser: true })).toBe(101)
  expect(statusOf({ origin: 'https://evil.example' }, { allowNonBrowser: true })).toBe(403)
})

test('[H3] a foreign host is refused', () => {
  for (const host of [
    undefined,
    '',
    'evil.example',
    'meet.example:8080',
    'meet.example.',
    '192.0.2.7',
  ]) {
    expect(statusOf({ host })).toBe(403)
  }
  expect(statusOf({ host: 'Meet.Example' })).toBe(101)
  expect(statusOf({ host: 'other:1' }, { hosts: ['other:1'] })).toBe(101)
})

test('[H4] a query, another path and a missing subprotocol are refused', () => {
  for (const target of [
    '/',
    '/hub/',
    '/hub?token=x',
    '/HUB',
    '/hub#x',
    '//hub',
    'http://meet.example/hub',
  ]) {
    expect(statusOf({ target })).toBe(404)
  }
  for (const protocols of [undefined, '', 'conclave.v2', 'conclave', 'xconclave.v1']) {
    expect(statusOf({ protocols })).toBe(400)
  }
  expect(statusOf({ protocols: 'other, conclave.v1' })).toBe(101)
})

test('[H6] an address that tries too often has to wait', () => {
  const { hub, clock } = createTestHub({ limits: { attemptBurst: 3, attemptsPerSecond: 1 } })
  const attempt = (address: string): unknown => hub.admit({ ...good, address })
  for (let times = 0; times < 3; times += 1)
    expect(attempt('192.0.2.1')).toEqual({ type: 'admitted' })
  expect(attempt('192.0.2.1')).toEqual({
    type: 'refused',
    status: 429,
    rule: 'attempts',
    retryAfterS: 10,
  })
  expect(attempt('192.0.2.2')).toEqual({ type: 'admitted' })
  clock.advance(1000)
  expect(attempt('192.0.2.1')).toEqual({ type: 'admitted' })
})

test('[H1] an app with its own scheme connects, and adds no host', () => {
  const own = [
    'capacitor://localhost',
    'tauri://localhost',
    'app://bundle',
    'chrome-extension://abc',
  ]
  const origins = [ORIGIN, ...own]
  for (const origin of own) {
    expect(statusOf({ origin }, { origins })).toBe(101)
    expect(statusOf({ origin })).toBe(403)
    expect(statusOf({ origin, host: new URL(origin).host }, { origins })).toBe(403)
  }
})

test('[H32] the log names the rule that refused an upgrade', () => {
  const cases: {
    rule: string
    changes?: Partial<UpgradeRequest>
    limits?: Partial<HubLimits>
    before?: (hub: Hub) => unknown
  }[] = [
    { rule: 'path', changes: { target: '/' } },
    { rule: 'host', changes: { host: 'evil.example' } },
    { rule: 'origin', changes: { origin: 'https://evil.example' } },
    { rule: 'no-origin', changes: { origin: undefined } },
    { rule: 'subprotocol', changes: { protocols: '' } },
    { rule: 'draining', before: (hub) => hub.drain() },
    { rule: 'attempts', limits: { attemptBurst: 1 }, before: (hub) => hub.admit(good) },
    {
      rule: 'addresses',
      limits: { addresses: 1 },
      before: (hub) => hub.admit({ ...good, address: '192.0.2.2' }),
    },
    {
      rule: 'connections-of-address',
      limits: { connectionsPerAddress: 1 },
      before: (hub) => [hub.admit(good), new MemoryClient(hub, { address: good.address })],
    },
    {
      rule: 'connections',
      limits: { connections: 1, connectionsPerAddress: 1 },
      before: (hub) => new MemoryClient(hub),
    },
  ]
  for (const { rule, changes, limits = {}, before } of cases) {
    const { hub, lines } = createTestHub({ limits })
    before?.(hub)
    expect(hub.admit({ ...good, ...changes })).toMatchObject({ type: 'refused', rule })
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ event: 'upgradeRefused', rule })
  }
})
