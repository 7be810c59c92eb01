import { DEFAULT_LIMITS } from '@conclave/server'
import { expect, test } from 'vitest'
import { parseConfig } from '../../../src/ops/config/config.ts'
import type { ConfigResult } from '../../../src/ops/config/config.ts'
import { ALL_SETTINGS } from '../../../src/ops/config/given-texts.ts'

const parseEnv = (environment: Record<string, string>): ConfigResult => parseConfig({ environment })
const parseArgs = (...args: string[]): ConfigResult => parseConfig({ args, environment: {} })
const parseFile = (content: unknown, args: readonly string[] = []): ConfigResult =>
  parseConfig({
    args: ['--config', 'hub.json', ...args],
    environment: {},
    readFile: (name) => (name === 'hub.json' ? JSON.stringify(content) : undefined),
  })
const messageOf = (result: ConfigResult): string =>
  result.type === 'invalid' ? result.message : 'no fault'

test('[H33] an empty environment gives a hub that only this machine reaches', () => {
  expect(parseEnv({})).toEqual({
    type: 'ok',
    config: {
      port: 8080,
      hostname: '127.0.0.1',
      origins: ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'],
      hasPublicOrigin: false,
      basePath: '/',
      allowNonBrowser: false,
      trustedProxies: [],
      tls: undefined,
      hstsMs: undefined,
      allowFilePages: false,
      isLan: false,
      app: undefined,
      log: 'off',
      metrics: undefined,
      drainMs: 3000,
      iceServers: [],
      turn: undefined,
      apps: [],
      isClosed: false,
      channelKey: undefined,
      limits: {},
    },
  })
})

test('[H65] how long browsers keep to TLS is for a hub with a certificate', () => {
  expect(messageOf(parseEnv({ HSTS: '8760h' }))).toContain('HSTS is for a hub with TLS_CERT')
  expect(messageOf(parseArgs('--lan', '--hsts', '5m'))).toContain('TLS_CERT')
  const tls = ['--tls-cert', 'cert.pem', '--tls-key', 'key.pem']
  expect(parseArgs(...tls, '--hsts', '5m')).toMatchObject({ config: { hstsMs: 300_000 } })
  expect(messageOf(parseArgs(...tls, '--hsts', '300'))).toContain('a time with its unit')
})

test('[H66] pages of files are allowed by another setting, and not as an origin', () => {
  expect(parseEnv({ ALLOW_FILE_PAGES: 'true' })).toMatchObject({ config: { allowFilePages: true } })
  for (const origin of ['null', 'file://'])
    expect(messageOf(parseEnv({ PUBLIC_ORIGIN: `https://meet.example,${origin}` }))).toContain(
      'must list origins',
    )
})

test('[H46] options, variables and the file name the same settings', () => {
  const expected = {
    config: {
      port: 9000,
      hostname: '0.0.0.0',
      origins: ['https://meet.example', 'https://*.meet.example', 'https://hub.example:8443'],
      hasPublicOrigin: true,
      basePath: '/meet/',
      trustedProxies: ['10.0.0.0/8', '::1'],
      tls: { certFile: 'cert.pem', keyFile: 'key.pem' },
      app: '/srv/app',
      log: 'debug',
      metrics: { hostname: '::', port: 9100 },
      drainMs: 30_000,
      limits: { connections: 20, joinDeadlineMs: 2000, bytesBurst: 1_048_576 },
    },
  }
  const values: Record<string, string> = {
    port: '9000',
    host: '0.0.0.0',
    publicOrigin: 'https://meet.example, https://*.meet.example, https://hub.example:8443',
    basePath: '/meet/',
    trustProxy: '10.0.0.0/8, ::1',
    tlsCert: 'cert.pem',
    tlsKey: 'key.pem',
    app: '/srv/app',
    log: 'json',
    logLevel: 'debug',
    metricsPort: '9100',
    metricsHost: '::',
    drainTime: '30s',
    'limits.connections': '20',
    'limits.joinDeadlineMs': '2s',
    'limits.bytesBurst': '1MiB',
  }
  const entries = Object.entries(values)
  const variables = entries.map(([key, text]) => [ALL_SETTINGS.get(key)?.env, text])
  const options = entries.map(([key, text]) => `--${ALL_SETTINGS.get(key)?.flag}=${text}`)
  expect(parseEnv(Object.fromEntries(variables) as Record<string, string>)).toMatchObject(expected)
  expect(parseArgs(...options)).toMatchObject(expected)
  const settings = entries.filter(([key]) => !key.startsWith('limits.'))
  const limits = { connections: 20, joinDeadlineMs: '2s', bytesBurst: 1_048_576 }
  const lists = { trustProxy: ['10.0.0.0/8', '::1'], port: 9000 }
  expect(parseFile({ ...Object.fromEntries(settings), ...lists, limits })).toMatchObject(expected)
})

test('[H46] options win over variables, and variables over the file', () => {
  const result = parseConfig({
    args: ['--port', '1', '--config', 'hub.json'],
    environment: { PORT: '2', HOST: 'b', CONCLAVE_CONFIG: 'other.json' },
    readFile: (name) =>
      name === 'hub.json' ? '{"port":3,"host":"c","basePath":"/c/"}' : undefined,
  })
  expect(result).toMatchObject({ config: { port: 1, hostname: 'b', basePath: '/c/' } })
})

test('[H46] every limit can be set in every source', () => {
  const limits = Array.from(ALL_SETTINGS).filter(([key]) => key.startsWith('limits.'))
  expect(limits.map(([key]) => key.slice(7)).toSorted()).toEqual(
    Object.keys(DEFAULT_LIMITS).toSorted(),
  )
  for (const [key, { env, flag, preset = '' }] of limits) {
    const name = key.slice(7) as keyof typeof DEFAULT_LIMITS
    const expected = { type: 'ok', config: { limits: { [name]: DEFAULT_LIMITS[name] } } }
    expect(parseEnv({ [env]: preset })).toMatchObject(expected)
    expect(parseArgs(`--${flag}`, preset)).toMatchObject(expected)
    expect(parseFile({ limits: { [name]: preset } })).toMatchObject(expected)
  }
})

test.each([
  ['PORT', '0'],
  ['BASE_PATH', 'meet'],
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
  ['PUBLIC_ORIGIN', 'https://meet.example,https://*.example'],
  ['PUBLIC_ORIGIN', 'capacitor://localhost'],
  ['TRUST_PROXY', 'yes'],
  ['TRUST_PROXY', '1'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '10.0.0.256'],
  ['TRUST_PROXY', '::1::/3'],
  ['TRUST_PROXY', '127.0.0.1,'],
  ['CONCLAVE_LOG', 'debug'],
  ['CONCLAVE_LAN', 'yes'],
  ['DRAIN_TIME', '5'],
  ['DRAIN_TIME', '5 s'],
  ['DRAIN_TIME', '11m'],
  ['CONCLAVE_LIMIT_BYTES_BURST', '1MB'],
  ['CONCLAVE_LIMIT_CONNECTIONS', '0'],
])('[H33, H46] %s=%s is one sentence that names the variable', (name, value) => {
  expect(messageOf(parseEnv({ [name]: value }))).toMatch(new RegExp(`^${name} [^\n]+\\.$`))
})

test('[H46] a wrong value is named in the words of its source', () => {
  expect(messageOf(parseArgs('--port', 'http'))).toMatch(/^--port must be a number .*"http"\.$/)
  expect(messageOf(parseFile({ port: true }))).toMatch(/^"port" in hub\.json must be .*"true"\.$/)
  expect(messageOf(parseFile({ host: {} }))).toBe(
    '"host" in hub.json must be a text, a number or a list.',
  )
})

test.each([
  [['--prot', '80'], '--port'],
  [['--limit-connection', '80'], '--limit-connections'],
  [['--publicorigin', 'https://meet.example'], '--public-origin'],
])('[H47] an option that does not exist is an error with a suggestion: %s', (args, meant) => {
  expect(messageOf(parseArgs(...args))).toContain(`(perhaps ${meant} is meant)`)
})

test.each([
  ['PUBLIC_ORIGINS', 'PUBLIC_ORIGIN'],
  ['TRUSTED_PROXY', 'TRUST_PROXY'],
  ['BASEPATH', 'BASE_PATH'],
  ['CONCLAVE_LOGS', 'CONCLAVE_LOG'],
  ['CONCLAVE_LIMIT_CONNECTION', 'CONCLAVE_LIMIT_CONNECTIONS'],
])('[H47] a variable that is nearly one of ours is an error: %s', (name, meant) => {
  expect(messageOf(parseEnv({ [name]: '1' }))).toContain(`(perhaps ${meant} is meant)`)
})

test('[H47] a variable with our prefix is an error, those of others are passed over', () => {
  expect(messageOf(parseEnv({ CONCLAVE_SOMETHING_ELSE: '1' }))).toContain(
    '"CONCLAVE_SOMETHING_ELSE"',
  )
  const others = [
    'PATH',
    'HOME',
    'HOSTNAME',
    'PORTS',
    'POST',
    'TLS_VERSION',
    'SSL_CERT_FILE',
    'LANG',
  ]
  for (const name of others) expect(parseEnv({ [name]: 'x' }).type).toBe('ok')
})

test('[H47] a name in the file that does not exist is an error with a suggestion', () => {
  expect(messageOf(parseFile({ ports: 80 }))).toContain('(perhaps port is meant)')
  expect(messageOf(parseFile({ limits: { connection: 80 } }))).toContain(
    '(perhaps limits.connections is meant)',
  )
  expect(messageOf(parseFile([]))).toBe('The file "hub.json" must hold an object.')
  expect(messageOf(parseArgs('--config', 'nowhere'))).toContain('"nowhere" cannot be read')
})

test('[H47] options are given once, and with a value', () => {
  expect(messageOf(parseArgs('--port'))).toBe('--port needs a value.')
  expect(messageOf(parseArgs('--port='))).toBe('--port needs a value.')
  expect(messageOf(parseArgs('--port', '1', '--port=2'))).toBe('--port is given twice.')
  expect(messageOf(parseArgs('start'))).toBe('There is no command "start"; see --help.')
})

test('[H46] settings that exclude or need each other', () => {
  expect(messageOf(parseArgs('--tls-cert', 'cert.pem'))).toContain('TLS_KEY')
  expect(messageOf(parseArgs('--lan', '--public-origin', 'https://meet.example'))).toContain(
    '--lan',
  )
  expect(messageOf(parseArgs('--metrics-port', '8080'))).toContain('METRICS_PORT')
  expect(parseArgs('--lan')).toMatchObject({ config: { isLan: true, hostname: '0.0.0.0' } })
  expect(parseArgs('--tls-cert', 'a', '--tls-key', 'b')).toMatchObject({
    config: { origins: ['https://localhost:8080', 'https://127.0.0.1:8080', 'https://[::1]:8080'] },
  })
  expect(parseArgs('--log-level', 'debug', '--log', 'off')).toMatchObject({
    config: { log: 'off' },
  })
})

test('[H58] a relay is named with its secret, which no option has and no message repeats', () => {
  const urls = 'turn:relay.example:3478?transport=udp,turns:relay.example?transport=tcp'
  const secret = 'a secret of the relay'
  expect(parseEnv({ TURN_URLS: urls, TURN_SECRET: secret, TURN_LIFETIME: '5m' })).toMatchObject({
    config: { turn: { urls: urls.split(','), secret, lifetimeMs: 300_000 } },
  })
  expect(parseFile({ turnUrls: urls.split(','), turnSecret: secret })).toMatchObject({
    config: { turn: { urls: urls.split(','), secret, lifetimeMs: 600_000 } },
  })
  expect(messageOf(parseArgs('--turn-secret', secret))).not.toContain(secret)
  expect(messageOf(parseEnv({ TURN_URLS: urls, TURN_SECRET: 'short' }))).not.toContain('short')
  expect(messageOf(parseEnv({ TURN_SECRET: secret }))).toContain('TURN_URLS')
  expect(messageOf(parseEnv({ TURN_URLS: 'https://relay.example' }))).toContain('TURN_URLS must')
})

test('[H33, H38] ICE_SERVERS is JSON, or the name of a file with it', () => {
  const servers = [{ urls: 'stun:relay.example' }]
  const read: string[] = []
  const readFile = (name: string): string | undefined => {
    read.push(name)
    return name === '/etc/relays.json' ? `\n${JSON.stringify(servers)}\n` : undefined
  }
  const parsed = (text: string): ConfigResult =>
    parseConfig({ environment: { ICE_SERVERS: text }, readFile })
  expect(parsed(JSON.stringify(servers))).toMatchObject({ config: { iceServers: servers } })
  expect(read).toEqual([])
  expect(parsed(' /etc/relays.json ')).toMatchObject({ config: { iceServers: servers } })
  expect(parseFile({ iceServers: servers })).toMatchObject({ config: { iceServers: servers } })
  for (const text of ['[{"urls":"turn:secret', '{', '/nowhere', 'turn:secret@relay.example']) {
    const message = messageOf(parsed(text))
    expect(message).toMatch(/^ICE_SERVERS [^\n]+\.$/)
    expect(message).not.toContain('secret')
  }
})
