import { verifyWebhook } from '@conclave/server-client'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/webhooks.json' with { type: 'json' }

describe('[G86] webhooks of the vectors', () => {
  test.each(vectors)('$name', async ({ headers, body, secret, nowMs, delivery }) => {
    const read = await verifyWebhook({ headers, body, secret, nowMs })
    expect(JSON.stringify(read)).toBe(JSON.stringify(delivery))
    const bytes = new TextEncoder().encode(body)
    const again = await verifyWebhook({ headers: new Headers(headers), body: bytes, secret, nowMs })
    expect(again).toEqual(read)
  })
})
