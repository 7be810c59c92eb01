import { expect, test, vi } from 'vitest'
import { failureOf } from '../fixtures.ts'

test('[K36] a chunk of Argon2id that does not load is ERR_CRYPTO_UNSUPPORTED, with the reason', async () => {
  vi.resetModules()
  vi.doMock('../../src/passphrase/argon2id.ts', () => {
    throw new TypeError('Failed to fetch dynamically imported module')
  })
  const { createPassphraseKeySource, ExternalE2EEKeyProvider } =
    await import('@conclave/e2ee/passphrase')
  const passphrase = 'verbal crane lumber mosaic tundra acrobat'
  const provider = new ExternalE2EEKeyProvider({ room: 'room' })
  for (const failing of [
    createPassphraseKeySource(passphrase, { room: 'room' }),
    provider.setSharedKey(passphrase),
  ]) {
    const error = await failureOf(failing)
    expect(error).toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
      details: { feature: 'Argon2id' },
    })
    expect(error.cause).toBeInstanceOf(Error)
  }
})
