import { createServerClient, verifyWebhook } from '@conclave/server-client'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

/** 32 bytes. */
const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
const client = createServerClient({
  ...{ hub: 'https://meet.example', app: 'team', keyId: 'k1', key: KEY },
})
const capability = {
  ...{ nonce: 'A'.repeat(43), user: 'alice', device: 'phone', expiresInMs: 60_000 },
  channels: { 'private-a': ['subscribe'] as const },
}

/** `@conclave/server-client`. What asks a hub needs a token first, as a capability is. */
export const serverClientRows = (): readonly Row[] =>
  rowsOf('@conclave/server-client', {
    createServerClient: ['', () => client],
    'createServerClient: mintCapability': [
      'random subtle',
      () => client.mintCapability(capability),
    ],
    verifyWebhook: ['', () => verifyWebhook({ headers: {}, body: '', secret: `whsec_${KEY}` })],
  })
