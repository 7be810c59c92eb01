import { wipe } from '@conclave/crypto'
import { checkGrace } from '../core/grace.ts'
import type { GraceOptions } from '../core/grace.ts'
import { checkEpoch } from '../keys/epoch.ts'
import { SharedKeySource } from '../keys/shared-key-source.ts'
import { refuseClearFrames } from '../keys/base-key-provider.ts'
import type { KeyProviderOptions } from '../keys/base-key-provider.ts'
import type { PassphraseWorkerOptions } from './choose-worker.ts'
import { passphraseToBytes } from './passphrase-kdf.ts'
import { checkAgreement, derivePassphraseRoot } from './passphrase-root.ts'
import type { CheckedAgreement, PassphraseAgreement } from './passphrase-root.ts'
import { checkPassphrase } from './passphrase-strength.ts'
import { WrappedKeySource } from '../keys/wrapped-key-source.ts'

/**
 * A key source whose members all know a passphrase. Everyone who learns it can read everything that was or will be
 * sealed under it, and can speak as any member; a carrier of the messages can guess it as fast as it can compute.
 * chapter keys, section 7
 */
export class PassphraseKeySource extends WrappedKeySource {
  readonly mode = 'passphrase'
  readonly #roots: SharedKeySource
  readonly #agreement: CheckedAgreement

  /** Use {@link createPassphraseKeySource}. */
  constructor(roots: SharedKeySource, agreement: CheckedAgreement) {
    super(roots)
    this.#roots = roots
    this.#agreement = agreement
  }

  /**
   * Changes to another passphrase; resolves when sealing uses it. You must tell it and its epoch to the other members
   * over a channel that no one else can read. spec K40
   *
   * @param epoch above all that were held
   * @throws E2eeError `ERR_E2EE_WEAK_PASSPHRASE`, `ERR_E2EE_WORKER`, `ERR_E2EE_CLOSED`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   * @throws TypeError, RangeError for a passphrase or an epoch that cannot be one; all as rejections
   */
  async rotate(passphrase: string, epoch: bigint): Promise<void> {
    await this.#derive(passphrase, epoch, (root) => this.#roots.setKey(root, epoch))
  }

  /**
   * Adds the next passphrase for opening only, so that nothing is lost while members change to it one after another by
   * `use`. spec K25, K40
   *
   * @throws as {@link rotate}
   */
  async addPassphrase(passphrase: string, epoch: bigint): Promise<void> {
    await this.#derive(passphrase, epoch, (root) => this.#roots.addKey(root, epoch))
  }

  async #derive(passphrase: string, epoch: bigint, use: (root: Uint8Array) => void): Promise<void> {
    checkEpoch(epoch)
    // Before the work rather than after it; a change meanwhile is noticed afterwards.
    if (epoch <= this.epoch) {
      throw new RangeError(`"epoch" expected above ${this.epoch}, got ${epoch}`)
    }
    checkNewPassphrase(passphrase)
    const root = await derivePassphraseRoot(passphrase, this.#agreement, epoch)
    try {
      use(root)
    } finally {
      wipe(root)
    }
  }
}

/**
 * Makes the key source of a room whose members know a passphrase. Takes about 0.2 s by default, and 64 MiB for
 * that time; in a page in a worker. You must give it a passphrase that is used nowhere else; better, draw one with `generatePassphrase`. spec K37
 *
 * @throws E2eeError `ERR_E2EE_WEAK_PASSPHRASE`, `ERR_E2EE_WORKER`, `ERR_E2EE_CLEAR_FRAMES`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` (`Argon2id`) where WebAssembly may not run
 * @throws TypeError, RangeError that name the argument; all as rejections
 */
export async function createPassphraseKeySource(
  passphrase: string,
  {
    epoch = 0n,
    ...agreement
  }: PassphraseAgreement &
    PassphraseWorkerOptions &
    GraceOptions &
    KeyProviderOptions & { readonly epoch?: bigint },
): Promise<PassphraseKeySource> {
  refuseClearFrames(agreement)
  const checked = checkAgreement(agreement)
  checkEpoch(epoch)
  const grace = checkGrace(agreement)
  checkNewPassphrase(passphrase)
  const root = await derivePassphraseRoot(passphrase, checked, epoch)
  try {
    return new PassphraseKeySource(new SharedKeySource(root, { epoch, ...grace }), checked)
  } finally {
    wipe(root)
  }
}

/** @throws TypeError, RangeError for text that cannot be a passphrase, before E2eeError `ERR_E2EE_WEAK_PASSPHRASE` */
export function checkNewPassphrase(passphrase: string): void {
  wipe(passphraseToBytes(passphrase))
  checkPassphrase(passphrase)
}
