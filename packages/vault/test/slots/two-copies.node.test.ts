import * as one from '@conclave/vault'
import { expect, test, vi } from 'vitest'

vi.resetModules()
const other = await import('@conclave/vault')

test('[K42] a recovery key of another copy of the package is taken, and nothing else', () => {
  const key = other.generateRecoveryKey()
  expect(key).not.toBeInstanceOf(one.RecoveryKey)
  expect(one.encodeRecoveryKey(key)).toBe(other.encodeRecoveryKey(key))
  const wrong = { unsafeExport: () => new Uint8Array(16) } as never
  expect(() => one.encodeRecoveryKey(wrong)).toThrow('"key" expected RecoveryKey')
})
