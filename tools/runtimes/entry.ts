/**
 * All tests of vectors as one program: prints how many passed, and ends with 1 if any did not.
 *
 * @module
 */
import { encodeBase64Url } from '@conclave/base'
import { importHkdfKey } from '@conclave/crypto'
import { createServerClient } from '@conclave/server-client'
import { expect, run, test } from './harness.ts'

import.meta.glob('../../packages/*/test/**/*.vectors.test.ts', { eager: true })

test('[K48] only Node has keys of `node:crypto`', async () => {
  const key = await importHkdfKey(new Uint8Array(32).fill(1))
  const isNode = !('Deno' in globalThis || 'Bun' in globalThis)
  expect(Reflect.get(key, Symbol.toStringTag)).toBe(isNode ? 'KeyObject' : 'CryptoKey')
})

test('[G71, G85] the server of an application signs in every runtime', async () => {
  let asked: Request | undefined
  const client = createServerClient({
    ...{ hub: 'https://meet.example', app: 'team', keyId: 'k1', key: 'A'.repeat(43) },
    fetch: async (input, init) => {
      asked = new Request(input, init)
      return new Response('{}')
    },
  })
  await client.kick({ user: 'alice' })
  const [header = ''] = asked?.headers.get('authorization')?.split('.') ?? []
  expect(header).toBe(
    `Bearer ${encodeJson({ alg: 'HS256', kid: 'k1', typ: 'conclave-request+jwt' })}`,
  )
  expect(asked?.url).toBe('https://meet.example/api/v1/kick')
  const channels = { 'private-a': ['subscribe'] as const }
  const connection = { nonce: 'A'.repeat(43), user: 'alice', device: 'web', expiresInMs: 60_000 }
  const { token } = await client.mintCapability({ ...connection, channels })
  expect(token.split('.')).toHaveLength(3)
})

const encodeJson = (value: object): string =>
  encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)))

const { passed, failed } = await run()
for (const failure of failed) console.log(`failed: ${failure}`)
console.log(`${passed} passed, ${failed.length} failed`)
if (failed.length > 0 || passed === 0) throw new Error('vectors failed')
