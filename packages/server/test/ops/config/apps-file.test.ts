import { encodeBase64Url } from '@conclave/base'
import { expect, test } from 'vitest'
import { parseConfig } from '../../../src/ops/config/config.ts'
import type { ConfigResult } from '../../../src/ops/config/config.ts'
import { readAppsFile } from '../../../src/ops/config/apps-file.ts'

const KEY = encodeBase64Url(new Uint8Array(32).fill(9))
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const SHOP = { id: 'shop', keys: [{ id: 'one', algorithm: 'HS256', key: KEY }] }
const SERVER = { url: 'https://shop.example/authorize', secret: SECRET }

const parse = (environment: Record<string, string>, content: unknown = [SHOP]): ConfigResult =>
  parseConfig({
    environment,
    readFile: (name) => (name === 'apps.json' ? JSON.stringify(content) : undefined),
  })

const messageOf = (value: unknown): string => {
  try {
    readAppsFile(value)
    return 'no fault'
  } catch (error) {
    expect(error).toMatchObject({ name: 'ServerError', code: 'ERR_SERVER_APPS' })
    return (error as Error).message
  }
}

test('[G53, G80] a file has applications, and the servers that decide for them and are told of events', () => {
  const chat = { id: 'chat', keys: [] }
  expect(
    readAppsFile([
      { ...SHOP, webhook: SERVER },
      { ...chat, authorize: SERVER },
    ]),
  ).toEqual({
    apps: [SHOP, chat],
    authorizers: [{ app: 'chat', ...SERVER }],
    receivers: [{ app: 'shop', ...SERVER }],
  })
})

test('[G53] a fault of a server names its place, and shows no value', () => {
  const fault = (authorize: unknown): string => {
    const message = messageOf([{ ...SHOP, authorize }])
    expect(message).not.toContain('MfKQ9r8')
    return message
  }
  expect(fault(7)).toMatch(/\[0\]\.authorize is wrong: an object/)
  expect(fault({ url: SERVER.url })).toMatch(/\[0\]\.authorize is wrong: it needs "secret"/)
  expect(fault({ ...SERVER, more: 1 })).toMatch(/\[0\]\.authorize is wrong: it has a member/)
  expect(fault({ ...SERVER, url: 'http://shop.example' })).toMatch(/\[0\]\.authorize\.url is wrong/)
  expect(fault({ ...SERVER, secret: SECRET.slice(6) })).toMatch(/\[0\]\.authorize\.secret is wrong/)
  expect(messageOf([{ ...SHOP, autorize: SERVER }])).toMatch(
    /a member that is none of id, keys, limits, authorize/,
  )
})

test('[G53] APPS_FILE names the file, whose content no message repeats', () => {
  expect(parse({ APPS_FILE: 'apps.json' })).toMatchObject({ config: { apps: [SHOP] } })
  for (const text of ['nowhere.json', JSON.stringify([SHOP])]) {
    const result = parse({ APPS_FILE: text })
    expect(result).toEqual({
      type: 'invalid',
      message: 'APPS_FILE must be the name of a file with applications in JSON that can be read.',
    })
  }
})

test('[G3] CHANNEL_KEY is a key of 32 bytes, which no option has and no message repeats', () => {
  expect(parse({ CHANNEL_KEY: KEY })).toMatchObject({
    config: { channelKey: new Uint8Array(32).fill(9) },
  })
  const result = parse({ CHANNEL_KEY: `${KEY}AA` })
  expect(result).toMatchObject({ type: 'invalid' })
  expect(JSON.stringify(result)).not.toContain(KEY)
  expect(parseConfig({ args: ['--channel-key', KEY], environment: {} })).toMatchObject({
    type: 'invalid',
  })
})

test('[G51, H2] a hub is closed, and lets programs in, when it is said', () => {
  const both = { config: { isClosed: true, allowNonBrowser: true } }
  expect(parse({ CLOSED: 'true', ALLOW_NON_BROWSER: 'true' })).toMatchObject(both)
  const args = ['--closed', '--allow-non-browser']
  expect(parseConfig({ args, environment: {} })).toMatchObject(both)
  expect(parse({})).toMatchObject({ config: { isClosed: false, allowNonBrowser: false } })
})
