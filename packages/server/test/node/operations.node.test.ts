import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { connect, isIP } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { PeerCertificate } from 'node:tls'
import { createTestRoom } from '@conclave/server/testing'
import { serveMetrics } from '@conclave/server/node'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createSelfSigned } from '../../src/node/self-signed.ts'
import { readTls, TlsReload } from '../../src/node/tls-files.ts'
import { bytes } from '../support.ts'
import { freePort, killAll, run } from './command.ts'
import { SocketClient, start, stopAll } from './sockets.ts'

// Real sockets and processes take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(async () => {
  await stopAll()
  killAll()
})

test('[H48] a hub speaks TLS, and takes a new certificate without an end of connections', async () => {
  const files = writeCertificate(['127.0.0.1'])
  const lines: string[] = []
  const { port, reloadTls } = await start({ log: (line) => lines.push(line) }, { tls: files })
  const first = await fingerprint(port)
  const url = `wss://127.0.0.1:${port}/hub`
  const origin = `http://127.0.0.1:${port}`
  const client = new SocketClient(url, { origin, rejectUnauthorized: false })
  await client.heard('challenge')
  // Half written: the old one stays.
  writeFileSync(files.certFile, '-----BEGIN CERTIFICATE-----\n')
  expect(reloadTls()).toBe(false)
  expect(await fingerprint(port)).toBe(first)
  writeCertificate(['127.0.0.1'], files)
  expect(reloadTls()).toBe(true)
  expect(await fingerprint(port)).not.toBe(first)
  await client.joined(await createTestRoom())
  const events = lines.map((line) => JSON.parse(line) as object)
  expect(events).toMatchObject([
    { event: 'ready' },
    { event: 'failed', part: 'tls' },
    { event: 'tlsReloaded' },
  ])
})

test('[H48] SIGHUP reloads the certificate; files that make no sense end the command with one sentence', async () => {
  const files = writeCertificate(['localhost'])
  const port = await freePort()
  const tls = { TLS_CERT: files.certFile, TLS_KEY: files.keyFile }
  const { child, output, printed } = run({ PORT: String(port), CONCLAVE_LOG: 'json', ...tls })
  await printed('Ctrl+C')
  expect(output.out).toContain(`is ready: https://localhost:${port}\n`)
  const first = await fingerprint(port)
  writeCertificate(['localhost'], files)
  child.kill('SIGHUP')
  await printed('tlsReloaded')
  expect(await fingerprint(port)).not.toBe(first)
  const other = writeCertificate(['localhost'])
  for (const wrong of [{ TLS_CERT: '/nowhere' }, { TLS_KEY: other.keyFile }]) {
    const failed = run({ PORT: String(await freePort()), ...tls, ...wrong })
    expect(await failed.exit).toBe(1)
    expect(failed.output.err).toMatch(/^The (?:file|certificate) [^\n]+\.\n$/)
  }
})

test('[H48] a link to another certificate is noticed without a signal', async () => {
  const [first, second] = [writeCertificate(['localhost']), writeCertificate(['localhost'])]
  const links = namesIn(folder())
  const link = ({ certFile, keyFile }: Files): void => {
    for (const [to, from] of [
      [certFile, links.certFile],
      [keyFile, links.keyFile],
    ] as const) {
      rmSync(from, { force: true })
      symlinkSync(to, from)
    }
  }
  link(first)
  const server = createTlsServer(readTls(links)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let onReloaded: (() => void) | undefined
  const reload = new TlsReload({
    ...{ files: links, server, watchMs: 20 },
    onResult: (isReloaded) => isReloaded && onReloaded?.(),
  })
  onTestFinished(() => reload.stop())
  const before = await fingerprint(port)
  const reloaded = new Promise<void>((resolve) => (onReloaded = resolve))
  link(second)
  await reloaded
  expect(await fingerprint(port)).not.toBe(before)
})

test('[H48] connections older than TLS 1.2 are refused', async () => {
  const { port } = await start({}, { tls: createSelfSigned(['127.0.0.1']) })
  const socket = connectTls({
    ...{ port, host: '127.0.0.1', rejectUnauthorized: false },
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  })
  await expect(once(socket, 'secureConnect')).rejects.toThrow(/alert|version/i)
})

test('[H57] --lan makes a certificate for the addresses of this machine, and takes their pages', async () => {
  const port = await freePort()
  const { output, printed } = run({}, ['--lan', '--port', String(port)])
  await printed('Ctrl+C')
  const origins = /is ready: (.*)\n/.exec(output.out)?.[1]?.split(', ') ?? []
  expect(origins).toContain(`https://127.0.0.1:${port}`)
  const shown = new X509Certificate((await certificate(port)).raw)
  for (const origin of origins) {
    const host = new URL(origin).hostname.replaceAll(/[[\]]/g, '')
    expect(isIP(host) === 0 ? shown.checkHost(host) : shown.checkIP(host)).toBe(host)
  }
  expect(Date.parse(shown.validTo) - Date.now()).toBeLessThan(31 * 86_400_000)
  expect(shown.verify(shown.publicKey)).toBe(true)
  const url = `wss://127.0.0.1:${port}/hub`
  const page = new SocketClient(url, {
    ...{ origin: origins[0], headers: { host: new URL(origins[0] ?? '').host } },
    rejectUnauthorized: false,
  })
  await page.heard('challenge')
  const foreign = { origin: 'https://mallory.example', rejectUnauthorized: false }
  expect(await new SocketClient(url, foreign).ended).toBe(403)
})

test('[H52, H51] metrics stand on a listener apart from the public one', async () => {
  const { hub, origin, url } = await start()
  const metrics = await serveMetrics({ hub, port: 0 })
  onTestFinished(() => metrics.close())
  await new SocketClient(url).joined(await createTestRoom())
  const inside = `http://127.0.0.1:${metrics.port}`
  const response = await fetch(`${inside}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  const text = await response.text()
  expect(text).toContain('\nconclave_rooms 1\n')
  expect(text).toMatch(/\nconclave_event_loop_lag_seconds\{quantile="0\.99"\} [\d.]+\n/)
  for (const base of [origin, inside])
    for (const path of ['/healthz', '/readyz'])
      expect(await (await fetch(`${base}${path}`)).json()).toEqual({ status: 'ok' })
  expect((await fetch(`${origin}/metrics`)).status).toBe(404)
  expect((await fetch(`${inside}/`)).status).toBe(404)
  void hub.drain()
  expect((await fetch(`${inside}/readyz`)).status).toBe(503)
})

test('[H49] a proxy that is not named is said once', async () => {
  const lines: string[] = []
  const { url } = await start({ log: (line) => lines.push(line) })
  for (const address of ['192.0.2.1', '192.0.2.2'])
    await new SocketClient(url, { headers: { 'x-forwarded-for': address } }).heard('challenge')
  expect(lines.filter((line) => line.includes('proxyNotTrusted'))).toHaveLength(1)
  expect(lines.join('')).not.toContain('192.0.2')
})

test('[H46] a hub that others reach says on which address, and whose pages it takes', async () => {
  const [port, metrics] = [await freePort(), await freePort()]
  const hub = run({ PORT: String(port), HOST: '0.0.0.0', METRICS_PORT: String(metrics) })
  await hub.printed('Ctrl+C')
  expect(hub.output.out).toContain(
    `It listens on 0.0.0.0 port ${port}, and takes pages of http://localhost:${port}, `,
  )
  expect(hub.output.out).toContain('PUBLIC_ORIGIN')
  expect(hub.output.out).toContain(`Metrics: http://127.0.0.1:${metrics}/metrics\n`)
  const named = run({
    PORT: String(await freePort()),
    HOST: '::',
    PUBLIC_ORIGIN: 'https://meet.example',
  })
  await named.printed('Ctrl+C')
  expect(named.output.out).toContain('is ready: https://meet.example\n')
  expect(named.output.out).not.toContain('PUBLIC_ORIGIN')
})

test('[H28] a second signal ends the command at once, with exit code 1', async () => {
  const port = await freePort()
  const { child, exit, printed } = run({ PORT: String(port), CONCLAVE_LOG: 'json' })
  await printed('Ctrl+C')
  const client = await new SocketClient(`ws://127.0.0.1:${port}/hub`).joined(await createTestRoom())
  client.socket.pause()
  child.kill('SIGTERM')
  await printed('draining')
  child.kill('SIGTERM')
  expect(await exit).toBe(1)
  client.socket.terminate()
})

test('[H55] nothing that a client sends gets into logs or metrics, at the most verbose level', async () => {
  const [port, metrics] = [await freePort(), await freePort()]
  const hub = run({
    ...{ PORT: String(port), METRICS_PORT: String(metrics) },
    ...{ CONCLAVE_LOG_LEVEL: 'debug', TRUST_PROXY: '127.0.0.1' },
  })
  await hub.printed('Ctrl+C')
  const url = `ws://127.0.0.1:${port}/hub`
  const mark = 'canary'
  const attempts = [
    new SocketClient(`${url}?${mark}`),
    new SocketClient(url.replace('hub', mark)),
    new SocketClient(url, { origin: `http://${mark}@127.0.0.1:${port}/${mark}` }),
    new SocketClient(url, { headers: { host: `127.0.0.1:${port}/${mark}` } }),
    new SocketClient(url, { protocol: mark }),
    new SocketClient(url, { headers: { cookie: mark, authorization: mark, 'user-agent': mark } }),
    new SocketClient(url, { headers: { 'x-forwarded-for': `${mark}, 192.0.2.77` } }),
    new SocketClient(url, { headers: { 'x-forwarded-for': mark, forwarded: `for=${mark}` } }),
  ]
  await Promise.all(attempts.slice(0, 5).map(({ ended }) => ended))
  const room = await createTestRoom()
  const [alice, bob] = [attempts[5], attempts[6]]
  await alice?.joined(room)
  await bob?.joined(room)
  alice?.publish(bytes(mark))
  alice?.socket.send(bytes(mark))
  alice?.socket.send(`{"type":"${mark}","${mark}":"${mark}"}`)
  await bob?.until(() => bob.frames[0])
  await attempts[7]?.join(room, { host: mark, proof: mark as never })
  for (const path of [`/${mark}`, `/r/${mark}`, `/%${mark}`, `/?${mark}`])
    await fetch(`http://127.0.0.1:${port}${path}`, { headers: { [mark]: mark, range: mark } })
  for (const text of [`${mark}\r\n\r\n`, `GET /${mark} HTTP/1.1\r\nHost ${mark}\r\n\r\n`]) {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('error', () => {}).resume()
    await once(socket, 'close')
  }
  alice?.socket.close(4999, mark)
  bob?.socket.close()
  await Promise.all([alice?.ended, bob?.ended, attempts[7]?.ended])
  const numbers = await (await fetch(`http://127.0.0.1:${metrics}/metrics?${mark}`)).text()
  hub.child.kill('SIGTERM')
  await hub.exit
  const { out, err } = hub.output
  expect(
    err.split('\n').filter((line) => line.includes('upgradeRefused')).length,
  ).toBeGreaterThanOrEqual(5)
  expect(err).toContain('connectionEnded')
  const text = `${out}${err}${numbers}`
  const secrets = [
    mark,
    '192.0.2',
    room.id,
    alice?.participant,
    alice?.session?.key,
    'Sec-WebSocket',
  ]
  for (const secret of secrets) expect(text).not.toContain(secret)
})

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'hub-tls-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

interface Files {
  readonly certFile: string
  readonly keyFile: string
}

function writeCertificate(hosts: readonly string[], into?: Files): Files {
  const files = into ?? namesIn(folder())
  const { cert, key } = createSelfSigned(hosts)
  writeFileSync(files.keyFile, key)
  writeFileSync(files.certFile, cert)
  return files
}

const namesIn = (path: string): Files => ({
  certFile: join(path, 'cert.pem'),
  keyFile: join(path, 'key.pem'),
})

async function certificate(port: number): Promise<PeerCertificate> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const shown = socket.getPeerCertificate()
  socket.destroy()
  return shown
}

const fingerprint = async (port: number): Promise<string> =>
  (await certificate(port)).fingerprint256
