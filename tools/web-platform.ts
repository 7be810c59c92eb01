/**
 * Imported first by a test, in Node too: what follows it works by WebCrypto, as in a page. For tests that replace or watch the
 * engine's `crypto`, or that hold back its answers.
 *
 * @module
 */
import { vi } from 'vitest'

if ('process' in globalThis) {
  vi.doMock(
    '../packages/crypto/src/node/aes-gcm.ts',
    () => import('../packages/crypto/src/web/aes-gcm.ts'),
  )
  vi.doMock(
    '../packages/crypto/src/node/digest.ts',
    () => import('../packages/crypto/src/web/digest.ts'),
  )
  vi.doMock(
    '../packages/crypto/src/node/hkdf.ts',
    () => import('../packages/crypto/src/web/hkdf.ts'),
  )
}
