import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createTcp, connect } from 'node:net'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { freePort, startTurnServer, TURN_SECRET } from '../../../../../tools/turn-server.ts'
import { createSelfSigned } from '../../../src/node/self-signed.ts'
import { examine, parseAppAddress, reportText } from '../../../src/node/doctor/doctor.ts'
import { killAll, run } from '../command.ts'
import { start, stopAll } from '../sockets.ts'

// Real sockets and processes take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(async () => {
  await stopAll()
  killAll()
})

/** The findings about an address, without the texts. */
async function results(address: string): Promise<Record<string, string>> {
  const findings = await examine(new URL(address), { timeoutMs: 1500 })
  for (const { text } of findings) expect(text).toMatch(/^\S.*\S$/)
  return Object.fromEntries(findings.map(({ check, result }) => [check, result]))
}

const faultsOf = async (address: string): Promise<string[]> =>
  Object.entries(await results(address)).flatMap(([check, result]) =>
    result === 'fault' ? [check] : [],
  )

function makeApp(scripts: Record<string, string> = { 'worker-1.js': 'onmessage = null' }): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-app-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(
    join(folder, 'index.html'),
    '<script type="module" src="./assets/main-1.js"></script>',
  )
  writeFileSync(join(folder, 'assets/main-1.js'), 'import("./room-1.js"); const at = "nowhere.js"')
  writeFileSync(
    join(folder, 'assets/room-1.js'),
    'new Worker(new URL("worker-1.js", import.meta.url))',
  )
  for (const [name, text] of Object.entries(scripts))
    writeFileSync(join(folder, 'assets', name), text)
  return folder
}

test('[H56] a hub with an app and a relay is found good, and the command ends with 0', async () => {
  const relay = await startTurnServer()
  onTestFinished(() => relay.close())
  const port = await freePort()
  const hub = run({
    ...{ PORT: String(port), CONCLAVE_APP: makeApp(), TURN_SECRET },
    TURN_URLS: `turn:127.0.0.1:${relay.port}`,
  })
  await hub.printed('Ctrl+C')
  const doctor = run({}, ['doctor', `http://localhost:${port}/r/anything#secret`])
  // This relay leads everywhere.
  expect(await doctor.exit).toBe(1)
  const lines = doctor.output.out.trimEnd().split('\n')
  expect(lines.map((line) => line.split(/\s+/, 2).join(' '))).toEqual([
    ...['good tls', 'good health', 'good clock', 'good csp', 'good worker', 'good upgrade'],
    ...['good origin', 'good host', 'good join', 'fault turn', 'One fault.'],
  ])
  expect(doctor.output.out).toContain('denied-peer-ip')
  expect(doctor.output.out).not.toContain('secret')
})

test('[H56] the command ends with 0 without faults, and with one sentence without an address', async () => {
  const { origin } = await start()
  const doctor = run({}, ['doctor', origin])
  expect(await doctor.exit).toBe(0)
  expect(doctor.output.out).toMatch(/\nhint +turn .*TURN_URLS\nNo faults\.\n$/)
  const failed = run({}, ['doctor', 'meet.example'])
  expect(await failed.exit).toBe(1)
  expect(failed.output).toEqual({ out: '', err: expect.stringMatching(/^[A-Z][^\n]+\.\n$/) })
})

test('[H56] nothing there, no TLS, and a certificate that nobody vouches for', async () => {
  const port = await freePort()
  expect(await faultsOf(`http://127.0.0.1:${port}`)).toEqual(['health'])
  expect(await faultsOf(`https://127.0.0.1:${port}`)).toEqual(['tls', 'health'])
  const { port: plain } = await start()
  expect(await faultsOf(`https://127.0.0.1:${plain}`)).toEqual(['tls', 'health'])
  const { port: own } = await start(
    { origins: [] },
    {
      hub: (at) =>
        createHub({ engine: createMemoryEngine(), origins: localOrigins(at.port, 'https') }),
      tls: createSelfSigned(['127.0.0.1']),
    },
  )
  expect(await faultsOf(`https://127.0.0.1:${own}`)).toEqual(['tls'])
})

test('[H56] pages and names that the hub does not expect, and those whom it should not', async () => {
  const { origin: other } = await start({ origins: ['https://meet.example'] })
  expect(await faultsOf(other)).toEqual(['upgrade'])
  // A proxy that writes the hub's own name over every other.
  const open = await startOpen()
  expect(await faultsOf(open)).toEqual(['origin', 'host', 'join'])
})

test('[H56] an app without its worker, a hub that goes away, and one without an app', async () => {
  const { origin } = await start({}, { staticDir: makeApp({}) })
  expect(await faultsOf(origin)).toEqual(['worker'])
  const bare = await start()
  expect(await results(bare.origin)).toMatchObject({ csp: 'hint', turn: 'hint' })
  void bare.hub.drain()
  expect(await faultsOf(bare.origin)).toEqual(['health', 'upgrade'])
})

test.each<readonly [string, (headers: IncomingMessage['headers']) => void, string[]]>([
  [
    'takes the policy out',
    (headers) => delete headers['content-security-policy'],
    ['csp', 'upgrade'],
  ],
  [
    'permits scripts in pages',
    (headers) => (headers['content-security-policy'] = "script-src 'self' 'unsafe-inline'"),
    ['csp', 'upgrade'],
  ],
  [
    'has another time',
    (headers) => (headers.date = new Date(0).toUTCString()),
    ['clock', 'upgrade'],
  ],
])('[H56] a proxy that forwards no upgrade and %s', async (_, change, expected) => {
  const { port } = await start({}, { staticDir: makeApp() })
  const proxy = await listen(
    createServer((incoming, outgoing) => {
      const { url, headers } = incoming
      request({ port, host: '127.0.0.1', path: url, headers }, (answer) => {
        const copied = { ...answer.headers }
        change(copied)
        outgoing.writeHead(answer.statusCode ?? 0, copied)
        answer.pipe(outgoing)
      }).end()
    }),
  )
  expect(await faultsOf(proxy)).toEqual(expected)
})

test('[H56] other servers, and answers that make no sense', async () => {
  const servers: RequestListener[] = [
    (_, response) => response.writeHead(502).end(),
    (_, response) => response.end('hello'),
    (_, response) => response.writeHead(200, { date: 'never' }).end('\u0000'.repeat(10_000)),
  ]
  for (const answer of servers)
    expect(await faultsOf(await listen(createServer(answer)))).toContain('health')
  const silent = createTcp((socket) => socket.end('nonsense\r\n\r\n'))
  expect(await faultsOf(await listen(silent))).toEqual(['health'])
})

test('[H56] addresses of an app, of a room and of the hub mean the app', () => {
  for (const text of ['https://a.example', 'https://a.example/r/x#y', 'https://a.example/hub?z'])
    expect(parseAppAddress(text)?.href).toBe('https://a.example/')
  expect(parseAppAddress('https://a.example/meet')?.href).toBe('https://a.example/meet/')
  for (const text of ['a.example', 'ftp://a.example', 'https://', ''])
    expect(parseAppAddress(text)).toBeUndefined()
  expect(reportText([])).toBe('No faults.\n')
})

const listen = (server: NetServer): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
    onTestFinished(() => void server.close())
  })

/** A hub behind a proxy that writes the hub's own name and origin into every request. */
async function startOpen(): Promise<string> {
  const served = await serve({
    port: 0,
    hub: ({ port }) => createHub({ engine: createMemoryEngine(), origins: localOrigins(port) }),
  })
  onTestFinished(() => served.close())
  const proxy = createTcp((socket) => {
    const behind = connect(served.port, '127.0.0.1')
    behind
      .on('error', () => {})
      .pipe(socket)
      .on('error', () => {})
    socket.once('data', (head: Buffer) => {
      const own = `127.0.0.1:${served.port}`
      const text = head
        .toString('latin1')
        .replace(/^host: .*$/im, `Host: ${own}`)
        .replace(/^origin: .*$/im, `Origin: http://${own}`)
      behind.write(Buffer.from(text, 'latin1'))
      socket.pipe(behind)
    })
  })
  return listen(proxy)
}
