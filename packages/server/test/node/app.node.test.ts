import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib'
import { ServerError } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { SocketClient, start, stopAll } from './sockets.ts'

let folder = ''
const SCRIPT = 'console.log("hello")\n'.repeat(100)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-app-'))
  mkdirSync(join(folder, 'assets'))
  const files: Record<string, string | Uint8Array> = {
    'index.html': '<!doctype html><title>Conclave</title><script src="./assets/index-BX3k9_aQ.js">',
    'favicon.svg': '<svg/>',
    'service-worker.js': SCRIPT,
    '.hidden': 'canary',
    'assets/index-BX3k9_aQ.js': SCRIPT,
    'assets/index-BX3k9_aQ.js.br': brotliCompressSync(SCRIPT),
    'assets/index-BX3k9_aQ.js.gz': gzipSync(SCRIPT),
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
})
afterAll(() => rmSync(folder, { recursive: true }))
// Real sockets and processes take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** `fetch` would normalise paths and unpack bodies. */
function get(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { port, path, host: '127.0.0.1', agent: false, ...options },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const { statusCode = 0, headers } = response
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks) })
        })
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

test('[H29] health is ok when ready, and needs nothing else', async () => {
  const { port } = await start()
  const { status, headers, body } = await get(port, '/healthz', { headers: { host: 'anything' } })
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('application/json')
  expect(JSON.parse(body.toString())).toEqual({ status: 'ok' })
})

test('[H31] the page stands at / and below /r/, and nowhere else', async () => {
  const { port } = await start({}, { staticDir: folder })
  for (const path of ['/', '/r/8nMqYf1Xw2k4c0bqv1mJ3A', '/r/a/b', '/index.html', '/?x=1']) {
    const { status, headers, body } = await get(port, path)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-cache')
    expect(body.toString()).toContain('<title>Conclave</title>')
  }
  for (const path of [
    '/room',
    '/r/',
    '/assets/',
    '/assets/none.js',
    '/.hidden',
    '/index.html.br',
    '/..%2f..%2fetc/passwd',
    '/../../etc/passwd',
    '/assets/../.hidden',
    '/%00',
    '/__proto__',
  ]) {
    expect((await get(port, path)).status).toBe(404)
  }
  expect((await get(port, '/%E0%A4%A')).status).toBe(400)
})

test('[H31] a person who opens an unknown path gets the app with 404, a script gets nothing', async () => {
  const { port } = await start({}, { staticDir: folder })
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  for (const path of ['/room', '/r/', '/a/b/c']) {
    const { status, headers, body } = await get(port, path, { headers: { accept } })
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body.toString()).toContain('<title>Conclave</title>')
    expect((await get(port, path, { method: 'HEAD', headers: { accept } })).body).toHaveLength(0)
  }
  for (const other of ['*/*', 'image/avif,image/webp', 'text/html5', '']) {
    const { status, body } = await get(port, '/room', { headers: { accept: other } })
    expect([status, body.toString()]).toEqual([404, '404\n'])
  }
  const { port: bare } = await start()
  expect((await get(bare, '/', { headers: { accept } })).body.toString()).toBe('404\n')
})

test('[H35] the page finds its files from every address, whatever stands before it', async () => {
  const { port } = await start({}, { staticDir: folder, basePath: '/meet/' })
  const accept = 'text/html'
  for (const path of ['/', '/r/room', '/r/room/', '/r/a/b/c', '/a', '/a/b', '/r//x']) {
    for (const before of ['', '/meet']) {
      const { body } = await get(port, before + path, { headers: { accept } })
      const [, src = ''] = /src="([^"]+)"/.exec(body.toString()) ?? []
      // A proxy may show the app anywhere: the browser resolves against its own address.
      const { pathname } = new URL(src, `https://meet.example/any/where${path}`)
      expect(pathname).toBe('/any/where/assets/index-BX3k9_aQ.js')
      expect((await get(port, `${before}/${src.replace(/^[./]+/, '')}`)).status).toBe(200)
    }
  }
  const page = await get(port, '/r/room', { headers: { 'accept-encoding': 'br' } })
  expect(brotliDecompressSync(page.body).toString()).toContain('src="../assets/')
  expect((await get(port, `/r${'/a'.repeat(9)}`, { headers: { accept } })).status).toBe(404)
  await expect(start({}, { basePath: 'meet' })).rejects.toThrow(TypeError)
})

test('[H35] the hub is reached with the path of the app and without it', async () => {
  const { url } = await start({}, { basePath: '/meet/' })
  for (const address of [url, url.replace('/hub', '/meet/hub')]) {
    const client = new SocketClient(address, {
      origin: url.replace('ws', 'http').replace('/hub', ''),
    })
    expect(await client.heard('challenge')).toMatchObject({ version: 1 })
    client.socket.close()
  }
  const client = new SocketClient(url.replace('/hub', '/other/hub'), {
    origin: url.replace('ws', 'http').replace('/hub', ''),
  })
  expect(await client.ended).toBe(404)
})

test('[H31] scripts are cached for good and compressed, pages are revalidated', async () => {
  const { port } = await start({}, { staticDir: folder })
  const path = '/assets/index-BX3k9_aQ.js'
  const plain = await get(port, path)
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(plain.headers['vary']).toBe('Accept-Encoding')
  expect(plain.body.toString()).toBe(SCRIPT)
  const brotli = await get(port, path, { headers: { 'accept-encoding': 'gzip, deflate, br' } })
  expect(brotli.headers['content-encoding']).toBe('br')
  expect(brotli.headers['content-type']).toContain('javascript')
  expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT)
  const gzip = await get(port, path, { headers: { 'accept-encoding': 'gzip' } })
  expect(gzip.headers['content-encoding']).toBe('gzip')
  expect(gzip.body.length).toBeLessThan(plain.body.length / 5)
  const page = await get(port, '/')
  const again = await get(port, '/', { headers: { 'if-none-match': page.headers.etag ?? '' } })
  expect([again.status, again.body.length]).toEqual([304, 0])
  const worker = await get(port, '/service-worker.js')
  expect(worker.headers['cache-control']).toBe('no-cache')
  expect(worker.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(worker.headers['content-security-policy']).toContain("worker-src 'self'")
  const ranged = await get(port, path, { headers: { range: 'bytes=5-2' } })
  expect([ranged.status, ranged.body.length]).toEqual([200, SCRIPT.length])
  const head = await get(port, path, { method: 'HEAD' })
  expect([head.headers['content-length'], head.body.length]).toEqual([String(SCRIPT.length), 0])
})

test('[H30] every answer carries the security headers', async () => {
  const { port } = await start({}, { staticDir: folder })
  const answers = [
    await get(port, '/'),
    await get(port, '/favicon.svg'),
    await get(port, '/none'),
    await get(port, '/healthz'),
    await get(port, '/hub'),
    await get(port, '/', { method: 'POST' }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 200, 426, 405])
  for (const { headers } of answers) {
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(headers['content-security-policy']).toContain(`ws://127.0.0.1:${port}`)
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toBe(
      'camera=(self), microphone=(self), display-capture=(self)',
    )
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
  expect(answers[5]?.headers['allow']).toBe('GET, HEAD')
})

test('[H33] a folder without a page, and a taken port, are errors with a code', async () => {
  const { port, hub } = await start()
  const error = async (options: object): Promise<unknown> =>
    serve({ hub, port: 0, ...options }).catch((reason: unknown) => reason)
  expect(await error({ staticDir: join(folder, 'assets') })).toMatchObject({
    code: 'ERR_SERVER_APP',
  })
  expect(await error({ port })).toMatchObject({ code: 'ERR_SERVER_PORT_TAKEN', details: { port } })
  expect(await error({ hostname: '192.0.2.1' })).toMatchObject({ code: 'ERR_SERVER_ADDRESS' })
  expect(await error({ port })).toBeInstanceOf(ServerError)
})

test('[H38] no answer of HTTP has the STUN and TURN servers', async () => {
  const credential = 'canary of the credential'
  const { port } = await start(
    { iceServers: [{ urls: 'turn:relay.example', username: 'alice', credential }] },
    { staticDir: folder },
  )
  for (const path of [
    '/',
    '/r/room',
    '/healthz',
    '/hub',
    '/nowhere',
    '/assets/index-BX3k9_aQ.js',
  ]) {
    const { headers, body } = await get(port, path)
    expect(`${JSON.stringify(headers)}${body.toString()}`).not.toMatch(/canary|relay\.example/)
  }
})
