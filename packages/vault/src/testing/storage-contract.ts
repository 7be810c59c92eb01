import { concatBytes, equalBytes } from '@conclave/base'
import { MAX_VAULT_BYTES } from '../limits.ts'
import type { VaultStorage } from '../storage/storage.ts'

/** Makes storages. */
export interface StorageFactory {
  /** Connects two devices or processes to one storage without content. */
  connect(): Promise<readonly [VaultStorage, VaultStorage]> | readonly [VaultStorage, VaultStorage]
  /** Ends the storages that `connect` made. */
  close(storages: readonly [VaultStorage, VaultStorage]): Promise<void> | void
}

/** One case of the contract. */
export interface StorageCase {
  readonly title: string
  /** Rejects with a description of the fault. */
  run(): Promise<void>
}

/**
 * The cases of the storage contract, for any test runner. spec V23
 *
 * @example
 * ```ts
 * for (const { title, run } of vaultStorageContract(factory)) test(title, run)
 * ```
 */
export function vaultStorageContract(factory: StorageFactory): readonly StorageCase[] {
  const contract = (
    title: string,
    body: (one: VaultStorage, other: VaultStorage) => Promise<void>,
  ): StorageCase => ({
    title,
    run: async () => {
      const storages = await factory.connect()
      try {
        await body(...storages)
      } finally {
        await factory.close(storages)
      }
    },
  })
  /** For storages that can add to their content; others pass. */
  const adding = (
    title: string,
    body: (one: AddingStorage, other: AddingStorage) => Promise<void>,
  ): StorageCase =>
    contract(title, async (one, other) => {
      if (canAdd(one) && canAdd(other)) await body(one, other)
    })
  return [
    contract('a new storage has no content', async (one) => {
      check((await one.read()) === undefined, 'a new storage has content')
      await one.remove()
      check((await one.read()) === undefined, 'removing nothing made content')
    }),
    contract('bytes that one device writes are read by the other', async (one, other) => {
      const version = await one.write(ONE, undefined)
      check(typeof version === 'string', 'the first write was refused')
      await expectStored(other, ONE, version)
      const next = await other.write(TWO, version)
      check(typeof next === 'string', 'a write at the current version was refused')
      check(next !== version, 'two states have the same version')
      await expectStored(one, TWO, next)
    }),
    contract('bytes of any value and length are read unchanged', async (one) => {
      const all = Uint8Array.from({ length: 256 }, (_, at) => at)
      const large = new Uint8Array(MAX_VAULT_BYTES).fill(7)
      let version: string | undefined
      for (const bytes of [all, new Uint8Array(), large]) {
        version = await one.write(bytes, version)
        await expectStored(one, bytes, version)
      }
    }),
    contract('a write at another version changes nothing', async (one, other) => {
      check((await one.write(ONE, 'never')) === undefined, 'wrote at a version that never existed')
      check((await one.read()) === undefined, 'a refused write stored bytes')
      const version = await one.write(ONE, undefined)
      check(
        (await other.write(TWO, undefined)) === undefined,
        'wrote over content that was not expected',
      )
      check((await other.write(TWO, `${version}x`)) === undefined, 'wrote at another version')
      const next = await one.write(ONE, version)
      check(next !== version, 'the same bytes, written again, have the earlier version')
      check((await other.write(TWO, version)) === undefined, 'wrote at an earlier version')
      await expectStored(one, ONE, next)
    }),
    contract('of simultaneous writers exactly one wins', async (one, other) => {
      let version: string | undefined
      for (let round = 0; round < 8; round += 1) {
        const all = [ONE, TWO, ONE, TWO]
        const current = version
        const answers = await Promise.all(
          all.map((bytes, at) => (at < 2 ? one : other).write(bytes, current)),
        )
        const winners = answers.filter((answer) => answer !== undefined)
        check(winners.length === 1, `${winners.length} of four writers won`)
        version = winners[0]
        await expectStored(other, all[answers.indexOf(version)] ?? ONE, version)
      }
    }),
    contract('arrays that are read or written belong to the caller', async (one, other) => {
      const written = new Uint8Array(ONE)
      await one.write(written, undefined)
      written.fill(0)
      const read = await one.read()
      read?.bytes.fill(0)
      const again = await other.read()
      check(again !== undefined && equalBytes(again.bytes, ONE), 'the stored bytes changed')
    }),
    contract('removed content is gone, and its versions do not come back', async (one, other) => {
      const version = await one.write(ONE, undefined)
      await other.remove()
      check((await one.read()) === undefined, 'read removed content')
      check(
        (await one.write(TWO, version)) === undefined,
        'wrote at the version of removed content',
      )
      const next = await one.write(TWO, undefined)
      check(next !== undefined, 'refused to write without content')
      check(
        (await other.write(ONE, version)) === undefined,
        'wrote at a version from before the removal',
      )
      await expectStored(other, TWO, next)
    }),
    adding('bytes that are added follow the content, under a new version', async (one, other) => {
      const version = await one.write(ONE, undefined)
      const next = await other.append(TWO, version)
      check(next !== undefined && next !== version, 'an addition gave no new version')
      await expectStored(one, concatBytes(ONE, TWO), next)
      check(
        (await one.write(ONE, version)) === undefined,
        'wrote at the version before an addition',
      )
      const added = new Uint8Array(ONE)
      const last = await one.append(added)
      added.fill(0)
      await expectStored(other, concatBytes(ONE, TWO, ONE), last)
      await expectStored(other, TWO, await other.write(TWO, last))
    }),
    adding(
      'an addition without content, or at another version, changes nothing',
      async (one, other) => {
        check((await one.append(ONE)) === undefined, 'added to nothing')
        check(
          (await one.append(ONE, 'never')) === undefined,
          'added at a version that never existed',
        )
        check((await one.read()) === undefined, 'a refused addition stored bytes')
        const version = await one.write(ONE, undefined)
        const next = await one.append(TWO, version)
        check((await other.append(TWO, version)) === undefined, 'added at an earlier version')
        await expectStored(other, concatBytes(ONE, TWO), next)
        await other.remove()
        check((await one.append(ONE, next)) === undefined, 'added to removed content')
        check((await one.read()) === undefined, 'an addition brought removed content back')
      },
    ),
    adding(
      'of simultaneous additions all are kept, and of those at one version one is',
      async (one, other) => {
        let version = await one.write(ONE, undefined)
        const all = [one, other, one, other]
        await Promise.all(all.map((storage) => storage.append(TWO)))
        const stored = await one.read()
        check(stored?.bytes.length === ONE.length + 4 * TWO.length, 'an addition was lost')
        version = stored.version
        const answers = await Promise.all(all.map((storage) => storage.append(ONE, version)))
        const winners = answers.filter((answer) => answer !== undefined)
        check(winners.length === 1, `${winners.length} of four additions at one version were made`)
      },
    ),
  ]
}

/** A storage that can add to its content. */
type AddingStorage = VaultStorage & Required<Pick<VaultStorage, 'append'>>

const canAdd = (storage: VaultStorage): storage is AddingStorage => storage.append !== undefined

async function expectStored(
  storage: VaultStorage,
  bytes: Uint8Array,
  version: string | undefined,
): Promise<void> {
  const stored = await storage.read()
  check(stored !== undefined, 'written content is not there')
  check(stored.version === version, 'read another version than the write returned')
  check(equalBytes(stored.bytes, bytes), 'read other bytes than were written')
}

function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem)
}

const ONE = Uint8Array.of(1, 2, 3)
const TWO = Uint8Array.of(4, 5, 6, 7)
