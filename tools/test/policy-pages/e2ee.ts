/** Seals and opens events, makes keys for other people, and derives keys from a passphrase. */
import { generateAesGcmKey, openEvent, sealEvent, SharedKeySource } from '@conclave/e2ee'
import { generateExchangeKeys } from '@conclave/e2ee/exchange'
import { openBytes, sealBytes } from '@conclave/e2ee/files'
import {
  ARGON2ID,
  createPassphraseKeySource,
  generatePassphrase,
  PBKDF2,
} from '@conclave/e2ee/passphrase'
import type { PassphraseWorkerOptions } from '@conclave/e2ee/passphrase'
import { generateSigningKeys } from '@conclave/e2ee/signing'
import { report } from './outcomes.ts'

const place = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
const derive = async (
  kdf: typeof ARGON2ID,
  options: PassphraseWorkerOptions = {},
): Promise<void> => {
  const keys = await createPassphraseKeySource(generatePassphrase(), { room: 'r', kdf, ...options })
  await keys.export('policy', new Uint8Array(1), 16)
}

/** The part of Trusted Types that an application needs. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string }
}

/** As an application does it whose policy allows `trusted-types app`. */
const createWorker = (): Worker => {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('app', { createScriptURL: (address) => address })
  const address = '/own-worker.js'
  return new Worker(policy?.createScriptURL(address) ?? address, { type: 'module' })
}

void report({
  events: async () => {
    const key = await generateAesGcmKey()
    const opened = await openEvent(await sealEvent({ n: 1 }, key, place), key, place)
    if (opened.type !== 'opened') throw new Error(opened.type)
  },
  'a key source': () =>
    new SharedKeySource(new Uint8Array(32).fill(1)).export('x', new Uint8Array(1), 16),
  files: async () => {
    const { sealed, description } = await sealBytes(new Uint8Array(9))
    await openBytes(sealed, description)
  },
  'keys for other people': () => generateExchangeKeys(),
  signatures: () => generateSigningKeys(),
  Argon2id: () => derive(ARGON2ID),
  'Argon2id in its own worker': () => derive(ARGON2ID, { createWorker }),
  'Argon2id in the page': () => derive(ARGON2ID, { createWorker: 'none' }),
  PBKDF2: () => derive(PBKDF2),
})
