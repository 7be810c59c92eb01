/** Pages of files, and browsers that keep to TLS: the command as an operator starts it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestRoom } from '@conclave/server/testing'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createSelfSigned } from '../../src/node/self-signed.ts'
import { freePort, killAll, run } from './command.ts'
import { SocketClient, start, stopAll } from './sockets.ts'

// Real sockets and processes take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(async () => {
  await stopAll()
  killAll()
})

test('[H66] pages that were opened as files come in where the operator allows them, and the hub says what that means', async () => {
  const port = await freePort()
  const hub = run({ PORT: String(port) }, ['--allow-file-pages'])
  await hub.printed('Ctrl+C')
  expect(hub.output.out).toContain('every page that hides its origin')
  const url = `ws://127.0.0.1:${port}/hub`
  for (const origin of ['null', 'file://']) {
    const client = new SocketClient(url, { origin })
    await client.joined(await createTestRoom())
    client.socket.terminate()
  }
  for (const origin of ['https://evil.example', 'file:///home', 'NULL'])
    expect(await new SocketClient(url, { origin }).ended, origin).toBe(403)
  const other = await start()
  for (const origin of ['null', 'file://'])
    expect(await new SocketClient(other.url, { origin }).ended, origin).toBe(403)
})

test('[H65] a hub with its own certificate sends Strict-Transport-Security when it is told to', async () => {
  const { cert, key } = createSelfSigned(['localhost'])
  const into = mkdtempSync(join(tmpdir(), 'conclave-hsts-'))
  onTestFinished(() => rmSync(into, { recursive: true }))
  const [certFile, keyFile] = [join(into, 'cert.pem'), join(into, 'key.pem')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  const port = await freePort()
  const hub = run({ PORT: String(port), TLS_CERT: certFile, TLS_KEY: keyFile, HSTS: '5m' })
  await hub.printed('Ctrl+C')
  for (const path of ['/healthz', '/nothing', '/hub'])
    expect(await hstsOf(port, path), path).toBe('max-age=300')
  const silent = await start({}, { tls: { cert, key } })
  expect(await hstsOf(silent.port, '/healthz')).toBeUndefined()
  await expect(start({}, { hstsMs: 300_000 })).rejects.toThrow('"hstsMs" expected')
  await expect(start({}, { hstsMs: 5, tls: { cert, key } })).rejects.toThrow('"hstsMs" expected')
})

const hstsOf = (port: number, path: string): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    get({ port, path, host: '127.0.0.1', rejectUnauthorized: false }, (response) => {
      response.resume()
      resolve(response.headers['strict-transport-security'])
    }).on('error', reject)
  })
