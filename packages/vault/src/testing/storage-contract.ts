import { equalBytes } from '@conclave/base'
import { MAX_VAULT_BYTES } from '../limits.ts'
import type { VaultStorage } from '../storage/storage.ts'

/** How a storage is made. */
export interface StorageFactory {
  /** Two handles of one place that holds nothing, as two devices or processes have them. */
  connect(): Promise<readonly [VaultStorage, VaultStorage]> | readonly [VaultStorage, VaultStorage]
  /** Ends what `connect` made. */
  close(storages: readonly [VaultStorage, VaultStorage]): Promise<void> | void
}

/** One thing that a storage must do. */
export interface StorageCase {
  readonly title: string
  /** Rejects with what went wrong. */
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
  return [
    contract('at first there is nothing', async (one) => {
      check((await one.read()) === undefined, 'read something where nothing was written')
      await one.remove()
      check((await one.read()) === undefined, 'read something after nothing was removed')
    }),
    contract('what one writes, the other reads', async (one, other) => {
      const version = await one.write(ONE, undefined)
      check(typeof version === 'string', 'the first write was refused')
      await expectStored(other, ONE, version)
      const next = await other.write(TWO, version)
      check(typeof next === 'string', 'a write at the current version was refused')
      check(next !== version, 'two states have one version')
      await expectStored(one, TWO, next)
    }),
    contract('bytes of any value and length come back as they were', async (one) => {
      const all = Uint8Array.from({ length: 256 }, (_, at) => at)
      const large = new Uint8Array(MAX_VAULT_BYTES).fill(7)
      let version: string | undefined
      for (const bytes of [all, new Uint8Array(), large]) {
        version = await one.write(bytes, version)
        await expectStored(one, bytes, version)
      }
    }),
    contract('a write at another version changes nothing', async (one, other) => {
      check((await one.write(ONE, 'never')) === undefined, 'wrote over a version that never was')
      check((await one.read()) === undefined, 'a refused write stored something')
      const version = await one.write(ONE, undefined)
      check((await other.write(TWO, undefined)) === undefined, 'wrote over what is there')
      check((await other.write(TWO, `${version}x`)) === undefined, 'wrote at another version')
      const next = await one.write(ONE, version)
      check(next !== version, 'the same bytes, written again, have the version of before')
      check((await other.write(TWO, version)) === undefined, 'wrote at a version of before')
      await expectStored(one, ONE, next)
    }),
    contract('of writers at the same time one wins', async (one, other) => {
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
    contract('what is read or written belongs to the caller', async (one, other) => {
      const written = new Uint8Array(ONE)
      await one.write(written, undefined)
      written.fill(0)
      const read = await one.read()
      read?.bytes.fill(0)
      const again = await other.read()
      check(again !== undefined && equalBytes(again.bytes, ONE), 'the stored bytes changed')
    }),
    contract('what is removed is gone, and does not come back', async (one, other) => {
      const version = await one.write(ONE, undefined)
      await other.remove()
      check((await one.read()) === undefined, 'read what was removed')
      check((await one.write(TWO, version)) === undefined, 'wrote at a version that was removed')
      const next = await one.write(TWO, undefined)
      check(next !== undefined, 'refused to write where nothing is')
      check((await other.write(ONE, version)) === undefined, 'took a version of before the removal')
      await expectStored(other, TWO, next)
    }),
  ]
}

async function expectStored(
  storage: VaultStorage,
  bytes: Uint8Array,
  version: string | undefined,
): Promise<void> {
  const stored = await storage.read()
  check(stored !== undefined, 'what was written is not there')
  check(stored.version === version, 'read another version than the write gave')
  check(equalBytes(stored.bytes, bytes), 'read other bytes than were written')
}

function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem)
}

const ONE = Uint8Array.of(1, 2, 3)
const TWO = Uint8Array.of(4, 5, 6, 7)
