import { textToBytes } from '@conclave/base'
import { expect, test } from 'vitest'
import { signWebhook } from '../../src/webhooks/sign-webhook.ts'
import { parseWebhookSecret } from '../../src/webhooks/webhook-secret.ts'
import { isWebhookUrl } from '../../src/webhooks/webhook-url.ts'

/** The example of the specification of Standard Webhooks. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

test('[G50] a request is signed as the example of Standard Webhooks is', async () => {
  const key = parseWebhookSecret(SECRET) ?? new Uint8Array()
  const body = textToBytes('{"test": 2432232314}')
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  expect(await signWebhook({ key, id, timestampS: 1_614_265_330, body })).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('[G50] a secret is "whsec_" and the base64 of 24 to 64 bytes', () => {
  const secret = (bytes: number, fill = 255): string =>
    `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`
  expect(parseWebhookSecret(SECRET)?.length).toBe(24)
  for (const length of [24, 25, 26, 64])
    expect(parseWebhookSecret(secret(length))).toEqual(new Uint8Array(length).fill(255))
  for (const value of [
    secret(23),
    secret(65),
    SECRET.slice(6),
    `${SECRET} `,
    'whsec_',
    7,
    undefined,
  ])
    expect(parseWebhookSecret(value)).toBeUndefined()
})

test('[G49] secrets go to an address with TLS, or to this machine', () => {
  for (const url of [
    'https://shop.example/hub',
    'http://127.0.0.1:3000/',
    'http://localhost/x',
    'http://[::1]:1/',
  ])
    expect(isWebhookUrl(url)).toBe(true)
  for (const url of [
    ...['http://shop.example/', 'http://10.0.0.1/', 'ftp://localhost/', 'shop.example', '', 7],
    ...[
      'https://user:password@shop.example/',
      'https://shop.example/#x',
      'http://127.0.0.1.evil.example/',
    ],
    `https://shop.example/${'a'.repeat(2048)}`,
  ])
    expect(isWebhookUrl(url)).toBe(false)
})
