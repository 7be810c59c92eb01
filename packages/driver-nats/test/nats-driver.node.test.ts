/** The driver against a real nats-server, over TCP and over WebSocket. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NatsDriver } from '@conclave/driver-nats'
import type { NatsDriverOptions } from '@conclave/driver-nats'
import { driverContract } from '@conclave/p2p/testing'
import { connect } from '@nats-io/transport-node'
import type { Msg } from '@nats-io/transport-node'
import { startNatsServer } from './support/nats-server.ts'
import type { NatsServer } from './support/nats-server.ts'

const ROOM = ['sender', 'room']
const SECRET = 'pioneer velvet orbit magnet lunar satisfy'

/** Opens a driver, lets the test use it, and closes it whatever happens. */
const withDriver = async (
  options: NatsDriverOptions,
  use: (driver: NatsDriver) => Promise<void>,
): Promise<void> => {
  const driver = new NatsDriver(options)
  await driver.open()
  try {
    await use(driver)
  } finally {
    await driver.close()
  }
}

describe('over a server on loopback', () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNatsServer()
  })
  afterAll(() => server.kill())

  for (const [kind, secret] of [
    ['tcp', undefined],
    ['web', undefined],
    ['tcp', SECRET],
  ] as const) {
    const contract = driverContract({
      connect: async () => {
        const servers = server[kind]
        const drivers = [new NatsDriver({ servers }), new NatsDriver({ servers })] as const
        await Promise.all(drivers.map((driver) => driver.open(secret)))
        return drivers
      },
      close: async (drivers) => {
        await Promise.all(drivers.map((driver) => driver.close()))
      },
      hearsItself: false,
      patienceMs: 5_000,
    })
    const title = `${kind}${secret === undefined ? '' : ', with a secret'}`
    test.each(contract)(`[S1, S2, S84, S86] NATS over ${title}: $title`, async ({ run }) =>
      expect(run()).resolves.toBeUndefined(),
    )
  }

  test('[S84] pages and processes hear each other, under the subject that the chapter gives', () =>
    withDriver({ servers: server.tcp }, (one) =>
      withDriver({ servers: server.web }, async (other) => {
        const heard: unknown[] = []
        await other.on(ROOM, (message) => heard.push(message))
        await one.emit(ROOM, { type: 'sync', id: 'ü' })
        await expect.poll(() => heard).toEqual([{ type: 'sync', id: 'ü' }])
        const raw = await connect({ servers: server.tcp })
        raw.publish('conclave._c2VuZGVy._cm9vbQ', '{"type":"raw"}')
        await expect.poll(() => heard.at(-1)).toEqual({ type: 'raw' })
        await raw.close()
      }),
    ))

  test('[S84] anything but JSON, and anything too long, is not delivered', () =>
    withDriver({ servers: server.tcp, prefix: 'mine' }, async (driver) => {
      const heard: unknown[] = []
      await driver.on(ROOM, (message) => heard.push(message))
      const raw = await connect({ servers: server.tcp })
      const subject = 'mine._c2VuZGVy._cm9vbQ'
      for (const data of [
        '',
        '{',
        'nonsense',
        new Uint8Array([0xff, 0xfe]),
        `"${'x'.repeat(262_143)}"`,
      ]) {
        raw.publish(subject, data)
      }
      raw.publish('conclave._c2VuZGVy._cm9vbQ', '"another prefix"')
      raw.publish(subject, `"${'x'.repeat(262_142)}"`)
      await expect.poll(() => heard.length).toBe(1)
      expect(heard[0]).toHaveLength(262_142)
      await raw.close()
    }))

  test('[S86] with a secret the server reads nothing, and who has another one, or another namespace, nothing either', async () => {
    const servers = server.tcp
    const [alice, bob, mallory] = [1, 2, 3].map(() => new NatsDriver({ servers })) as [
      NatsDriver,
      NatsDriver,
      NatsDriver,
    ]
    await Promise.all([alice.open(SECRET), bob.open(SECRET), mallory.open(`${SECRET} other`)])
    const raw = await connect({ servers })
    const carried: Msg[] = []
    raw.subscribe('>', { callback: (_, message) => void carried.push(message) })
    await raw.flush()
    const heard: unknown[] = []
    const elsewhere: unknown[] = []
    await bob.on(ROOM, (message) => heard.push(message))
    await bob.on(['receiver', 'room'], (message) => elsewhere.push(message))
    await mallory.on(ROOM, (message) => elsewhere.push(message))
    const message = { type: 'sync', id: 'alice', marker: 'zebra' }
    await alice.emit(ROOM, message)
    await alice.emit(ROOM, message)
    await expect.poll(() => heard).toEqual([message, message])
    const [first, second] = carried
    if (first === undefined || second === undefined) throw new Error('nothing was carried')
    expect(first.subject).toMatch(/^conclave\.[\w-]{22}$/)
    expect(second.subject).toBe(first.subject)
    expect(second.string()).not.toBe(first.string())
    expect(second.data.length).toBe(first.data.length)
    for (const { data, subject } of carried) {
      const seen = `${subject} ${Buffer.from(data).toString('latin1')}`
      for (const text of ['zebra', 'alice', 'sync', 'room', 'sender'])
        expect(seen).not.toContain(text)
    }
    // The server moves a text to the subject of another namespace, forges one, and breaks one.
    await alice.emit(['receiver', 'room'], message)
    await expect.poll(() => elsewhere).toEqual([message])
    const other = carried.at(-1)?.subject ?? ''
    raw.publish(other, first.data)
    raw.publish(first.subject, JSON.stringify(message))
    raw.publish(first.subject, `${first.string().slice(0, -2)}AA`)
    // All who know the secret are alike: what was sent may come again.
    raw.publish(first.subject, first.data)
    await expect.poll(() => heard).toHaveLength(3)
    expect(elsewhere).toEqual([message])
    await Promise.all([alice.close(), bob.close(), mallory.close(), raw.close()])
  })

  test('[S86, K39] a weak secret is refused before anything is connected', async () => {
    const driver = new NatsDriver({ servers: 'nats://127.0.0.1:1' })
    await expect(driver.open('secret')).rejects.toMatchObject({ code: 'ERR_E2EE_WEAK_PASSPHRASE' })
  })

  test('a driver that is not open says so, and opens again', async () => {
    const driver = new NatsDriver({ servers: server.tcp })
    await driver.close()
    await expect(driver.emit(ROOM, {})).rejects.toThrow(TypeError)
    await expect(driver.on(ROOM, () => undefined)).rejects.toThrow(TypeError)
    for (let round = 0; round < 2; round += 1) {
      await driver.open()
      await expect(driver.open()).rejects.toThrow(TypeError)
      await driver.emit(ROOM, { round })
      await driver.close()
    }
    expect(() => driver.off(ROOM, () => undefined)).not.toThrow()
  })

  test.each([{}, undefined, { servers: [] }, { servers: '' }, { servers: 'x', prefix: 'a.b' }])(
    'options are checked: %o',
    (options) => {
      expect(() => new NatsDriver(options as NatsDriverOptions)).toThrow(TypeError)
    },
  )

  test('a namespace that makes no subject is refused', () =>
    withDriver({ servers: server.tcp }, async (driver) => {
      await expect(driver.emit(['x'.repeat(4_000)], {})).rejects.toThrow(TypeError)
      await expect(driver.on(['x'.repeat(4_000)], () => undefined)).rejects.toThrow(TypeError)
    }))
})

test('[S83] after a crash of the server the driver is back by itself, with its subscriptions, and says so', async () => {
  const first = await startNatsServer()
  const driver = new NatsDriver({ servers: first.tcp })
  await driver.open()
  const heard: unknown[] = []
  let isBack = false
  let others = 0
  const forget = driver.onReconnect(() => (others += 1))
  driver.onReconnect(() => (isBack = true))
  forget()
  await driver.on(ROOM, (message) => heard.push(message))
  await first.kill()
  // Nothing waits in the driver.
  await expect
    .poll(() => driver.emit(ROOM, { lost: true }).then(() => 'taken', String))
    .toContain('lost')
  const second = await startNatsServer({ port: first.port })
  await expect.poll(() => isBack).toBe(true)
  await withDriver({ servers: second.tcp }, async (other) => {
    await other.emit(ROOM, { after: 'the crash' })
    await expect.poll(() => heard).toEqual([{ after: 'the crash' }])
  })
  expect(others).toBe(0)
  await driver.close()
  await second.kill()
})

test('a server that asks who comes lets in who may, and says no to others', async () => {
  const server = await startNatsServer({
    config: `authorization { users: [
      { user: "alice", password: "correct" }
      { user: "bob", password: "correct", permissions: { publish: "conclave.>", subscribe: "conclave.>" } }
    ] }`,
  })
  for (const [user, pass] of [
    ['alice', 'wrong'],
    ['carol', 'correct'],
  ] as const) {
    const driver = new NatsDriver({ servers: server.tcp, user, pass })
    await expect(driver.open()).rejects.toThrow(/authorization/i)
    await driver.close()
  }
  await expect(new NatsDriver({ servers: server.web }).open()).rejects.toThrow(/authorization/i)
  await withDriver({ servers: server.tcp, user: 'alice', pass: 'correct' }, (alice) =>
    withDriver({ servers: server.web, user: 'bob', pass: 'correct' }, async (bob) => {
      const heard: unknown[] = []
      await bob.on(ROOM, (message) => heard.push(message))
      await alice.emit(ROOM, { type: 'sync' })
      await expect.poll(() => heard).toEqual([{ type: 'sync' }])
    }),
  )
  // Who may connect and not listen is told so, each time.
  const elsewhere = { servers: server.tcp, user: 'bob', pass: 'correct', prefix: 'elsewhere' }
  await withDriver(elsewhere, async (bob) => {
    const handler = (): void => undefined
    await expect(bob.on(ROOM, handler)).rejects.toThrow(/permissions violation/i)
    await expect(bob.on(ROOM, handler)).rejects.toThrow(/permissions violation/i)
  })
  await server.kill()
})

test('TLS: the server’s certificate is checked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nats-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
    ],
    { stdio: 'ignore' },
  )
  const server = await startNatsServer({
    config: `tls { cert_file: "${cert}", key_file: "${key}" }`,
  })
  const servers = server.tcp.replace('nats:', 'tls:')
  await expect(new NatsDriver({ servers, tls: {} }).open()).rejects.toThrow(/certificate/i)
  const ca = readFileSync(cert, 'utf8')
  await withDriver({ servers, tls: { ca } }, (one) =>
    withDriver({ servers, tls: { ca } }, async (other) => {
      const heard: unknown[] = []
      await other.on(ROOM, (message) => heard.push(message))
      await one.emit(ROOM, { over: 'TLS' })
      await expect.poll(() => heard).toEqual([{ over: 'TLS' }])
    }),
  )
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})
