import { expect, test } from 'vitest'
import { parseConfig } from '../../src/ops/config.ts'

test('[H33] an empty environment gives a hub that only this machine reaches', () => {
  expect(parseConfig({})).toEqual({
    type: 'ok',
    config: {
      port: 8080,
      hostname: '127.0.0.1',
      origins: ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'],
      basePath: '/',
      trustedProxies: 0,
      app: undefined,
      isLogging: false,
      iceServers: [],
    },
  })
})

test('[H33] variables that are set are used', () => {
  const result = parseConfig({
    PORT: '9000',
    HOST: '0.0.0.0',
    PUBLIC_ORIGIN: 'https://meet.example, https://hub.example:8443',
    BASE_PATH: '/meet/',
    TRUST_PROXY: '1',
    CONCLAVE_APP: '/srv/app',
    CONCLAVE_LOG: 'json',
  })
  expect(result).toMatchObject({
    config: {
      port: 9000,
      hostname: '0.0.0.0',
      origins: ['https://meet.example', 'https://hub.example:8443'],
      basePath: '/meet/',
      trustedProxies: 1,
      app: '/srv/app',
      isLogging: true,
    },
  })
})

test.each([
  ['PORT', '0'],
  ['BASE_PATH', 'meet'],
  ['BASE_PATH', '/meet'],
  ['BASE_PATH', '/a//'],
  ['PORT', '65536'],
  ['PORT', '80a'],
  ['PORT', '-1'],
  ['PORT', '1e3'],
  ['PORT', '8080.5'],
  ['HOST', 'a b'],
  ['HOST', 'http://localhost'],
  ['PUBLIC_ORIGIN', 'meet.example'],
  ['PUBLIC_ORIGIN', 'https://meet.example/'],
  ['PUBLIC_ORIGIN', 'https://meet.example,'],
  ['PUBLIC_ORIGIN', '*'],
  ['PUBLIC_ORIGIN', 'https://*.meet.example'],
  ['PUBLIC_ORIGIN', 'capacitor://localhost'],
  ['TRUST_PROXY', 'yes'],
  ['CONCLAVE_LOG', 'debug'],
])('[H33] %s=%s is one sentence that names the variable', (name, value) => {
  const result = parseConfig({ [name]: value })
  expect(result).toMatchObject({ type: 'invalid' })
  expect(result.type === 'invalid' && result.message).toMatch(new RegExp(`^${name} [^\n]+\\.$`))
})

test('[H33, H38] ICE_SERVERS is JSON, or the name of a file with it', () => {
  const servers = [{ urls: 'stun:relay.example' }]
  const read: string[] = []
  const readFile = (name: string): string | undefined => {
    read.push(name)
    return name === '/etc/relays.json' ? `\n${JSON.stringify(servers)}\n` : undefined
  }
  const parsed = (text: string) => parseConfig({ ICE_SERVERS: text }, readFile)
  expect(parsed(JSON.stringify(servers))).toMatchObject({ config: { iceServers: servers } })
  expect(read).toEqual([])
  expect(parsed(' /etc/relays.json ')).toMatchObject({ config: { iceServers: servers } })
  for (const text of ['[{"urls":"turn:secret', '{', '/nowhere', 'turn:secret@relay.example']) {
    const result = parsed(text)
    if (result.type !== 'invalid') throw new Error('expected a fault')
    expect(result.message).toMatch(/^ICE_SERVERS [^\n]+\.$/)
    expect(result.message).not.toContain('secret')
  }
})
