/** Databases that the browser refuses, or that another program made. */
import { createIndexedDbStorage } from '@conclave/vault'
import { afterEach, expect, test } from 'vitest'
import { failureOf, newVault, utf8 } from '../fixtures.ts'

let database = 0
const nameOf = (): string => `failing ${database}`
afterEach(() => {
  indexedDB.deleteDatabase(nameOf())
  database += 1
})

const settle = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('no error')))
  })

/** Makes the database as another program does, and closes it. */
async function makeDatabase(
  version: number,
  make: (made: IDBDatabase) => void,
  fill?: (made: IDBDatabase) => IDBRequest,
): Promise<void> {
  const request = indexedDB.open(nameOf(), version)
  request.addEventListener('upgradeneeded', () => make(request.result))
  const made = await settle(request)
  if (fill !== undefined) await settle(fill(made))
  made.close()
}

/** The failures of all calls. */
const outcomes = async (): Promise<readonly unknown[]> => {
  const storage = createIndexedDbStorage({ database: nameOf() })
  const calls = [
    () => storage.read(),
    () => storage.write(utf8('x'), undefined),
    () => newVault(storage),
  ]
  const seen = new Set<string>()
  for (const call of calls) {
    const { code, cause } = await failureOf(call)
    seen.add(`${code}: ${(cause as Error).name}`)
  }
  return [...seen]
}

test('[V23] a database of another program, and one of a later version', async () => {
  await makeDatabase(1, (made) => made.createObjectStore('other'))
  expect(await outcomes()).toEqual(['ERR_VAULT_STORAGE_FAILED: NotFoundError'])
  await makeDatabase(2, () => {})
  expect(await outcomes()).toEqual(['ERR_VAULT_STORAGE_FAILED: VersionError'])
})

test.each([{ bytes: 'text', version: 'x' }, 'text', null, { version: 7 }, utf8('x')])(
  '[V23] another record under the key (%j) stays as it is',
  async (record) => {
    const store = (made: IDBDatabase): IDBObjectStore =>
      made.transaction('vaults', 'readwrite').objectStore('vaults')
    await makeDatabase(
      1,
      (made) => made.createObjectStore('vaults'),
      (made) => store(made).put(record, 'vault'),
    )
    expect(await outcomes()).toEqual(['ERR_VAULT_STORAGE_FAILED: TypeError'])
    const opened = await settle(indexedDB.open(nameOf(), 1))
    expect(await settle(store(opened).get('vault'))).toEqual(record)
    opened.close()
  },
)
