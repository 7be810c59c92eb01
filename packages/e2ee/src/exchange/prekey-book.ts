import { checkInstance, checkInteger, concatBytes, encodeBase64Url } from '@conclave/base'
import type { RecordStorage, StoredRecord } from '@conclave/base'
import { randomBytes, signBytes } from '@conclave/crypto'
import { createRecord } from '../core/stored-record.ts'
import { E2eeError } from '../errors.ts'
import { hashIdentity, identityToBytes } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import { checkKem, openSeal, X25519_KEM } from './hpke.ts'
import type { ExchangeKem, OpenedSeal } from './hpke.ts'
import {
  encodePrekeyHead,
  encodeSignedPrekey,
  hashPrekey,
  MAX_PREKEY_MS,
} from './prekey-message.ts'
import type { PrekeyUse } from './prekey-message.ts'
import {
  MAX_PREKEYS,
  PREKEY_SEED_BYTES,
  prekeyFormat,
  withAdded,
  withoutExpired,
} from './prekey-record.ts'
import type { HeldPrekey, PrekeyState } from './prekey-record.ts'
import { checkTime } from './time.ts'

/** The times of a new prekey, in milliseconds since 1970. */
export interface PrekeyTimes {
  /** After `now`, at most 90 days. Nothing that is sealed to the prekey opens later. */
  readonly expiresAt: number
  /** The time: `Date.now()`. */
  readonly now: number
}

/** A prekey of a book, as `openKey` uses it. */
export interface FoundPrekey {
  readonly use: PrekeyUse
  readonly expiresAt: number
  /** Resolves to `undefined`, not rejects, for what was not sealed to it. */
  open(
    sealed: Uint8Array<ArrayBuffer>,
    info: Uint8Array<ArrayBuffer>,
  ): Promise<OpenedSeal | undefined>
}

/** Why a prekey opens nothing. spec E18 */
export type MissingPrekey = 'unknown-prekey' | 'used-prekey'

/**
 * The private halves of the prekeys of one identity: the `prekeys` of `openKey`. A one-time prekey opens one key; its private half
 * is out of the record before that key is returned. With a storage that outlives the page this holds after a reload too, and for
 * all pages that share it. You must keep the storage as private as your keys, and use one whose earlier records are not kept.
 */
export class PrekeyBook {
  readonly #keys: ExchangeKeys
  readonly #kem: ExchangeKem
  readonly #record: StoredRecord<PrekeyState>

  get [Symbol.toStringTag](): string {
    return 'PrekeyBook'
  }

  /**
   * @param options.storage where the book keeps the private halves. `'none'`: it forgets with the page, and after a reload opens nothing
   *   that was sealed to its prekeys
   * @param options.kem the kind of all prekeys of this book; X25519 when left out, or `X_WING` of `@conclave/e2ee/exchange-hybrid`
   * @throws TypeError
   */
  constructor({
    keys,
    storage,
    kem = X25519_KEM,
  }: {
    readonly keys: ExchangeKeys
    readonly storage: RecordStorage | 'none'
    readonly kem?: ExchangeKem
  }) {
    this.#keys = checkKeys('keys', keys)
    this.#kem = checkKem('kem', kem)
    this.#record = createRecord(prekeyFormat(kem.id), storage)
  }

  /**
   * Makes one-time prekeys, for a directory that hands out each once; resolves once their private halves are stored.
   *
   * @param options.count 1 to 256
   * @throws TypeError, RangeError that name the argument
   * @throws E2eeError `ERR_E2EE_TOO_MANY_KEYS` when the book has no room for them, `ERR_E2EE_STORAGE`, `ERR_E2EE_CLOSED`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  async createOneTime({
    count,
    ...times
  }: PrekeyTimes & { readonly count: number }): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    checkInteger('count', count, { min: 1, max: MAX_PREKEYS })
    return this.#create('one-time', { count, ...times })
  }

  /**
   * Makes a prekey for senders who get no one-time prekey. It opens any number of keys until it expires: make a new one
   * well before, and soon after an end call {@link PrekeyBook.removeExpired}.
   *
   * @throws as {@link PrekeyBook.createOneTime}
   */
  async createLastResort(times: PrekeyTimes): Promise<Uint8Array<ArrayBuffer>> {
    const [bytes] = await this.#create('last-resort', { count: 1, ...times })
    if (bytes === undefined) throw new Error('unreachable: one prekey was made')
    return bytes
  }

  /** The number of one-time prekeys that are neither used nor expired. @throws E2eeError `ERR_E2EE_STORAGE` */
  async remaining({ now }: { readonly now: number }): Promise<number> {
    const held = [...withoutExpired(await this.#record.read(), checkTime('now', now)).values()]
    return held.filter(({ state, use }) => state === 'open' && use === 'one-time').length
  }

  /** Removes the private halves of expired prekeys from the storage. @throws E2eeError `ERR_E2EE_STORAGE` */
  async removeExpired({ now }: { readonly now: number }): Promise<void> {
    checkTime('now', now)
    await this.#record.update((stored) => {
      const state = withoutExpired(stored, now)
      return { ...(state.size < stored.size && { state }), result: undefined }
    })
  }

  /** For `openKey`. @throws E2eeError `ERR_E2EE_STORAGE` */
  async find(id: string): Promise<FoundPrekey | MissingPrekey> {
    const held = (await this.#record.read()).get(id)
    if (held?.state !== 'open') return held === undefined ? 'unknown-prekey' : 'used-prekey'
    const { use, expiresAt } = held
    const kem = this.#kem
    const seed = new Uint8Array(held.seed)
    return {
      ...{ use, expiresAt },
      open: async (sealed, info) =>
        openSeal(sealed, { kem, keys: await kem.importSeed(seed), info }),
    }
  }

  /** For `openKey`: uses up a one-time prekey. Resolves to `false` when it is not open. @throws E2eeError `ERR_E2EE_STORAGE` */
  async take(id: string, { now }: { readonly now: number }): Promise<boolean> {
    return this.#record.update((stored): { state?: PrekeyState; result: boolean } => {
      const held = stored.get(id)
      if (held?.state !== 'open') return { result: false }
      const { use, expiresAt } = held
      const state = withoutExpired(stored, now).set(id, { use, expiresAt, state: 'used' })
      return { state, result: true }
    })
  }

  async #create(
    use: PrekeyUse,
    { count, expiresAt, now }: PrekeyTimes & { readonly count: number },
  ): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    const lifetime = checkTime('expiresAt', expiresAt) - checkTime('now', now)
    if (lifetime <= 0 || lifetime > MAX_PREKEY_MS) {
      throw new RangeError(`"expiresAt" expected 1 to ${MAX_PREKEY_MS} after "now"`)
    }
    const { privateKey } = this.#keys.toStored().signing
    const owner = identityToBytes('keys', this.#keys.identity)
    const ownerId = await hashIdentity(owner)
    const kem = this.#kem
    const makeOne = async (): Promise<readonly [string, HeldPrekey, Uint8Array<ArrayBuffer>]> => {
      const seed = randomBytes(PREKEY_SEED_BYTES)
      const { publicKey } = await kem.importSeed(new Uint8Array(seed))
      const head = encodePrekeyHead({ kem, use, expiresAt, publicKey }, ownerId)
      const signature = await signBytes(privateKey, encodeSignedPrekey(head, owner))
      const id = encodeBase64Url(await hashPrekey(head))
      return [id, { use, expiresAt, state: 'open', seed }, concatBytes(head, signature)]
    }
    const made = await Promise.all(Array.from({ length: count }, makeOne))
    const added = new Map(made.map(([id, held]) => [id, held]))
    await this.#record.update((stored) => {
      const state = withAdded(withoutExpired(stored, now), added)
      if (state === undefined) {
        throw new E2eeError('ERR_E2EE_TOO_MANY_KEYS', { maxKeys: MAX_PREKEYS })
      }
      return { state, result: undefined }
    })
    return made.map(([, , bytes]) => bytes)
  }
}

/** @throws TypeError that names the argument */
export function checkPrekeyBook(name: string, book: unknown): PrekeyBook {
  checkInstance<PrekeyBook>(name, book, { of: 'PrekeyBook', method: 'find' })
  return book
}
