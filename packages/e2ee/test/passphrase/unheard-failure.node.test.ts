import { ExternalE2EEKeyProvider } from '@conclave/e2ee/passphrase'
import { expect, test, vi } from 'vitest'

test('[K41] a passphrase that could not be stretched is heard, also where nobody awaits the result', async () => {
  const heard: unknown[] = []
  const listen = (reason: unknown): void => void heard.push(reason)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', listen)
  vi.stubGlobal('WebAssembly', undefined)
  try {
    const provider = new ExternalE2EEKeyProvider({ room: 'room' })
    void provider.setSharedKey('umbrella-kestrel-nine-orbit-fudge-lace')
    await vi.waitFor(() => expect(heard).toHaveLength(1))
    expect(heard[0]).toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED' })
  } finally {
    vi.unstubAllGlobals()
    process.off('unhandledRejection', listen)
    for (const other of others) process.on('unhandledRejection', other)
  }
})
