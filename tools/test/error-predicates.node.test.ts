/** The predicates of all packages come from one function: each of them is held to the same. */
import { readFileSync, readdirSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { AdapterError, isAdapterError } from '@conclave/adapters/errors'
import { ClientError, isClientError } from '@conclave/client/errors'
import { CryptoError, isCryptoError } from '@conclave/crypto/errors'
import { E2eeError, isE2eeError } from '@conclave/e2ee/errors'
import { isMediaError, MediaError } from '@conclave/media/errors'
import { isP2pError, P2pError } from '@conclave/p2p/errors'
import { isServerError, ServerError } from '@conclave/server/errors'
import { isServerClientError, ServerClientError } from '@conclave/server-client/errors'
import { isRecordingError, RecordingError } from '@conclave/recording/errors'
import { isVaultError, VaultError } from '@conclave/vault/errors'
import { describe, expect, test } from 'vitest'

interface Row {
  readonly folder: string
  readonly error: Error & { readonly code: string; readonly details: unknown }
  readonly is: (value: unknown) => boolean
}

const rows: readonly Row[] = [
  {
    folder: 'adapters',
    error: new AdapterError('ERR_ADAPTER_CLOSED', undefined),
    is: isAdapterError,
  },
  { folder: 'client', error: new ClientError('ERR_CLIENT_CLOSED', undefined), is: isClientError },
  {
    folder: 'crypto',
    error: new CryptoError('ERR_CRYPTO_UNSUPPORTED', { feature: 'X25519' }),
    is: isCryptoError,
  },
  { folder: 'e2ee', error: new E2eeError('ERR_E2EE_CLOSED', undefined), is: isE2eeError },
  { folder: 'media', error: new MediaError('ERR_MEDIA_CLOSED', undefined), is: isMediaError },
  { folder: 'p2p', error: new P2pError('ERR_P2P_CLOSED', undefined), is: isP2pError },
  {
    folder: 'recording',
    error: new RecordingError('ERR_RECORDING_SOUND', undefined),
    is: isRecordingError,
  },
  { folder: 'server', error: new ServerError('ERR_SERVER_APP', undefined), is: isServerError },
  {
    folder: 'server-client',
    error: new ServerClientError('ERR_SERVER_CLIENT_UNAUTHORIZED', undefined),
    is: isServerClientError,
  },
  { folder: 'vault', error: new VaultError('ERR_VAULT_CLOSED', undefined), is: isVaultError },
]

const named = (name: string, code: unknown): Error =>
  Object.assign(new Error('x'), { name, code, details: undefined })

describe.each(rows)('$folder', ({ error, is }) => {
  test('knows its own errors, of this copy and of another', () => {
    expect(is(error)).toBe(true)
    expect(is(named(error.name, error.code))).toBe(true)
    expect(error.message).not.toBe('')
  })

  test('knows its errors of another realm, and after JSON', () => {
    const { name, code } = error
    const foreign: unknown = runInNewContext(
      'Object.assign(new Error("x"), { name, code, details: undefined })',
      { name, code },
    )
    expect(foreign).not.toBeInstanceOf(Error)
    expect(is(foreign)).toBe(true)
    expect(is(JSON.parse(JSON.stringify(error)))).toBe(true)
  })

  test('knows no other codes', () => {
    const nonsense = error.code.replace(/[A-Z0-9]+$/, 'NONSENSE')
    for (const code of ['toString', 'constructor', '__proto__', nonsense, 'ERR_OTHER', 7, null]) {
      expect(is(named(error.name, code))).toBe(false)
    }
  })

  test('recognises no errors of other packages, and nothing else', () => {
    const others = rows.filter((row) => row.error !== error).map((row) => row.error)
    const values = [undefined, null, 7, 'text', {}, () => {}, new Error(error.code)]
    for (const value of [...others, ...values]) expect(is(value)).toBe(false)
    expect(is(named('Error', error.code))).toBe(false)
  })
})

test('the table has every package with errors', () => {
  const packages = new URL('../../packages/', import.meta.url)
  const withErrors = readdirSync(packages)
    // base has the class that the others extend, and no codes.
    .filter((folder) => folder !== 'base')
    .filter((folder) =>
      readFileSync(new URL(`${folder}/package.json`, packages), 'utf8').includes('"./errors"'),
    )
    .toSorted()
  expect(rows.map(({ folder }) => folder)).toEqual(withErrors)
})
