import { expect, test } from 'vitest'
import { answerFile, bundleFiles } from '../../src/http/app-files.ts'
import {
  acceptsEncoding,
  cacheControl,
  contentType,
  routeRequest,
  securityHeaders,
  stripBase,
} from '../../src/http/http-policy.ts'
import { bytes } from '../support.ts'

test('[H30] the policy allows this origin and nothing inline', () => {
  const origins = ['https://meet.example', 'http://localhost:8080', 'http://[::1]:8080']
  const headers = securityHeaders({ origins })
  const policy = new Map(
    headers['Content-Security-Policy']?.split('; ').map((part) => {
      const [name = '', ...values] = part.split(' ')
      return [name, values.join(' ')]
    }),
  )
  expect(policy.get('default-src')).toBe("'none'")
  expect(policy.get('script-src')).toBe("'self'")
  expect(policy.get('worker-src')).toBe("'self'")
  expect(policy.get('connect-src')).toBe("'self' wss://meet.example ws://localhost:8080")
  expect(policy.get('frame-ancestors')).toBe("'none'")
  expect(headers['Content-Security-Policy']).not.toMatch(/unsafe|\*|https?:/)
  expect(headers['Referrer-Policy']).toBe('no-referrer')
})

test('[H65] browsers are told to keep to TLS for as long as an operator says, and else nothing', () => {
  const name = 'Strict-Transport-Security'
  expect(securityHeaders({ origins: [] })[name]).toBeUndefined()
  expect(securityHeaders({ origins: [] }, { hstsMs: 300_000 })[name]).toBe('max-age=300')
})

test('[H35] a target loses the path of the app where it has it, and only there', () => {
  for (const [target, stripped] of [
    ['/meet/', '/'],
    ['/meet/hub', '/hub'],
    ['/meet/r/room?x', '/r/room?x'],
    ['/meet/meet/a', '/meet/a'],
    ['/meeting/a', '/meeting/a'],
    ['/meet', '/meet'],
    ['/hub', '/hub'],
    [undefined, undefined],
  ] as const)
    expect(stripBase(target, '/meet/')).toBe(stripped)
  expect(stripBase('/a/b', '/')).toBe('/a/b')
})

test('[H31] pages, files, health and the rest', () => {
  for (const [target, path] of [
    ['/', '/index.html'],
    ['/?x=/1', '/index.html'],
    ['/r/room', '../index.html'],
    ['/r/room?x#y/z', '../index.html'],
    ['/r/a%2Fb', '../index.html'],
    ['/r/room/', '../../index.html'],
  ] as const)
    expect(routeRequest('GET', target)).toEqual({ type: 'file', path })
  expect(routeRequest('HEAD', '/assets/a.js')).toEqual({ type: 'file', path: '/assets/a.js' })
  expect(routeRequest('GET', '/r/')).toEqual({ type: 'file', path: '/r/' })
  for (const path of ['/healthz', '/readyz'])
    expect(routeRequest('GET', path)).toEqual({ type: 'health', path })
  expect(routeRequest('GET', '/hub')).toEqual({ type: 'refused', status: 426 })
  expect(routeRequest('GET', '/%E0%A4%A')).toEqual({ type: 'refused', status: 400 })
  for (const method of ['POST', 'PUT', 'OPTIONS', 'TRACE', undefined]) {
    expect(routeRequest(method, '/')).toEqual({ type: 'refused', status: 405 })
  }
})

test('[H31] only names with a hash are kept for good', () => {
  expect(cacheControl('/assets/index-BX3k9_aQ.js')).toContain('immutable')
  for (const path of ['/index.html', '/assets/logo.svg', '/index-BX3k9_aQ.js', '/favicon.svg']) {
    expect(cacheControl(path)).toBe('no-cache')
  }
})

test('[H31] content coding follows the weights of the request', () => {
  expect(acceptsEncoding('gzip, deflate, br', 'br')).toBe(true)
  expect(acceptsEncoding('gzip;q=1.0, br;q=0', 'br')).toBe(false)
  expect(acceptsEncoding('*', 'br')).toBe(true)
  expect(acceptsEncoding('*;q=0, gzip', 'gzip')).toBe(true)
  expect(acceptsEncoding('identity', 'gzip')).toBe(false)
  expect(acceptsEncoding('brotli', 'br')).toBe(false)
  expect(acceptsEncoding(undefined, 'gzip')).toBe(false)
})

test('[H31] a file is answered in the best form, or not at all when it is known', () => {
  const files = bundleFiles(
    new Map([
      ['/a.js', bytes('plain')],
      ['/a.js.br', bytes('br')],
      ['/a.js.gz', bytes('gzip')],
      ['/alone.gz', bytes('archive')],
    ]),
    (content) => `d${content.length}`,
  )
  expect([...files.keys()]).toEqual(['/a.js', '/alone.gz'])
  const file = files.get('/a.js')
  if (file === undefined) throw new Error('unreachable')
  const ask = (acceptEncoding?: string, ifNoneMatch?: string): ReturnType<typeof answerFile> =>
    answerFile('/a.js', file, { acceptEncoding, ifNoneMatch })
  expect(ask('gzip, br')).toMatchObject({
    status: 200,
    body: bytes('br'),
    headers: { 'Content-Encoding': 'br', Vary: 'Accept-Encoding', 'Content-Length': '2' },
  })
  expect(ask('gzip')).toMatchObject({
    body: bytes('gzip'),
    headers: { 'Content-Encoding': 'gzip', ETag: '"d5-gzip"' },
  })
  expect(ask().headers).not.toHaveProperty('Content-Encoding')
  expect(ask(undefined, 'W/"x", W/"d5"')).toMatchObject({ status: 304, body: undefined })
  expect(ask('br', '"d5"').status).toBe(200)
  expect(ask(undefined, '*').status).toBe(304)
})

test('[H31] types of the files that an app has', () => {
  expect(contentType('/index.html')).toBe('text/html; charset=utf-8')
  expect(contentType('/assets/worker-1.js')).toMatch('javascript')
  expect(contentType('/manifest.webmanifest')).toBe('application/manifest+json')
  expect(contentType('/unknown')).toBe('application/octet-stream')
  expect(contentType('/evil.html.txt')).toBe('text/plain; charset=utf-8')
})
