import { concatBytes, copyBytes, isBytes, textToBytes } from './bytes.ts'
import { E2eeError } from './errors.ts'
import { expand, HASH_BYTES, importExpandKey, MAX_EXPAND_BYTES } from './hkdf.ts'
import type { KeySource, KeySourceEvents, KeySourceProperties, Member } from './key-source.ts'
import { Listeners } from './listeners.ts'

/** Length of a shared root in bytes. */
export const SHARED_SECRET_BYTES: number = HASH_BYTES

/** How many epochs a source holds; with one more the oldest retires. spec K11 */
export const MAX_EPOCHS = 16

/** The highest epoch: a u64. */
export const MAX_EPOCH: bigint = 2n ** 64n - 1n

/**
 * A key source whose members all hold the same 32 random bytes: the secret of a link, or one that the app
 * hands out. Whoever holds them reads everything of that epoch, earlier or later, and can speak as anybody;
 * leaving changes nothing until somebody rotates. chapter keys
 *
 * You must give it uniformly random bytes, never a password or a hash of one.
 */
export class SharedKeySource implements KeySource {
  readonly mode = 'shared'
  readonly #rootByEpoch = new Map<bigint, Promise<CryptoKey>>()
  readonly #listeners = new Listeners<KeySourceEvents>()
  #epoch: bigint
  #closed = false

  /**
   * @param secret 32 bytes; copied: yours stays yours, overwrite it when you need it no more
   * @throws TypeError, RangeError for a secret or an epoch that cannot be one
   */
  constructor(secret: Uint8Array, { epoch = 0n }: { readonly epoch?: bigint } = {}) {
    checkEpoch(epoch)
    this.#epoch = epoch
    this.#rootByEpoch.set(epoch, importRoot(secret))
  }

  get epoch(): bigint {
    return this.#epoch
  }

  /**
   * Rotates: sealing uses the new secret at once, the earlier ones still open until they are retired. You must
   * bring the same secret and epoch to the other members first, or they drop what you seal. spec K10, K11
   *
   * @param epoch above the current one
   * @throws TypeError, RangeError for a secret or an epoch that cannot be one
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setKey(secret: Uint8Array, epoch: bigint): void {
    if (this.#closed) throw closedError()
    checkEpoch(epoch)
    if (epoch <= this.#epoch) {
      throw new RangeError(`"epoch" expected above ${this.#epoch}, got ${epoch}`)
    }
    this.#rootByEpoch.set(epoch, importRoot(secret))
    this.#epoch = epoch
    try {
      this.#listeners.emit('epochChanged', { epoch })
    } finally {
      const [oldest] = this.#rootByEpoch.keys()
      if (oldest !== undefined && this.#rootByEpoch.size > MAX_EPOCHS) this.#drop(oldest)
    }
  }

  /**
   * Ends an epoch: nothing of it opens any more, here. An epoch that is not held is ignored. You must wait
   * until what others sealed in it has arrived, or it is lost. spec K12
   *
   * @throws RangeError for the current epoch: set another key first, or close
   */
  retire(epoch: bigint): void {
    checkEpoch(epoch)
    if (epoch === this.#epoch && !this.#closed) {
      throw new RangeError(`"epoch" expected an earlier one than the current ${epoch}`)
    }
    if (this.#rootByEpoch.has(epoch)) this.#drop(epoch)
  }

  async export(
    label: string,
    context: Uint8Array,
    length: number,
    epoch: bigint = this.#epoch,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const info = encodeExportInfo({ label, context, length, epoch })
    if (this.#closed) throw closedError()
    const root = this.#rootByEpoch.get(epoch)
    if (root === undefined) throw unknownEpochError(epoch)
    const key = await expand(await root, { info, length })
    if (this.#rootByEpoch.has(epoch)) return key
    key.fill(0)
    throw unknownEpochError(epoch)
  }

  members(): readonly Member[] {
    return []
  }

  properties(): KeySourceProperties {
    return {
      forwardSecrecy: false,
      postCompromise: false,
      senderAuth: false,
      rekeyOnLeave: false,
      memberAuth: false,
    }
  }

  on<T extends keyof KeySourceEvents>(
    type: T,
    handler: (event: KeySourceEvents[T]) => void,
  ): () => void {
    return this.#listeners.on(type, handler)
  }

  /** Retires every epoch, for good. Closing again does nothing. spec K13 */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const failures: unknown[] = []
    for (const epoch of [...this.#rootByEpoch.keys()]) {
      try {
        this.#drop(epoch)
      } catch (error) {
        failures.push(error)
      }
    }
    this.#listeners.clear()
    if (failures.length > 0) throw failures[0]
  }

  #drop(epoch: bigint): void {
    this.#rootByEpoch.delete(epoch)
    this.#listeners.emit('epochRetired', { epoch })
  }
}

/** spec K6 */
function encodeExportInfo(options: {
  readonly label: string
  readonly context: Uint8Array
  readonly length: number
  readonly epoch: bigint
}): Uint8Array<ArrayBuffer> {
  const { label, context, length, epoch } = options
  if (typeof label !== 'string') throw new TypeError(`"label" expected string, got ${typeof label}`)
  if (!LABEL.test(label))
    throw new RangeError('"label" expected 1 to 255 printable ASCII characters')
  if (!isBytes(context)) {
    throw new TypeError(`"context" expected Uint8Array, got type=${typeof context}`)
  }
  if (context.length > 0xffff) {
    throw new RangeError(`"context" expected 65535 bytes at most, got ${context.length}`)
  }
  if (!Number.isInteger(length) || length < 1 || length > MAX_EXPAND_BYTES) {
    throw new RangeError(`"length" expected 1 to ${MAX_EXPAND_BYTES}, got ${length}`)
  }
  checkEpoch(epoch)
  const tail = new DataView(new ArrayBuffer(10))
  tail.setBigUint64(0, epoch)
  tail.setUint16(8, length)
  return concatBytes(
    EXPORT_PREFIX,
    withLength(textToBytes(label)),
    withLength(context),
    new Uint8Array(tail.buffer),
  )
}

function withLength(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes)
}

function importRoot(secret: Uint8Array): Promise<CryptoKey> {
  const root = importExpandKey(copyBytes('secret', secret, SHARED_SECRET_BYTES))
  // The failure belongs to whoever exports; until then nobody listens.
  root.catch(() => {})
  return root
}

function checkEpoch(epoch: unknown): void {
  if (typeof epoch !== 'bigint') {
    throw new TypeError(`"epoch" expected bigint, got type=${typeof epoch}`)
  }
  if (epoch < 0n || epoch > MAX_EPOCH) {
    throw new RangeError(`"epoch" expected 0 to ${MAX_EPOCH}, got ${epoch}`)
  }
}

const unknownEpochError = (epoch: bigint): E2eeError<'ERR_E2EE_UNKNOWN_EPOCH'> =>
  new E2eeError('ERR_E2EE_UNKNOWN_EPOCH', `no key for epoch ${epoch}`, { details: { epoch } })

const closedError = (): E2eeError<'ERR_E2EE_CLOSED'> =>
  new E2eeError('ERR_E2EE_CLOSED', 'the key source is closed', { details: undefined })

const LABEL = /^[\x20-\x7e]{1,255}$/
const EXPORT_PREFIX = textToBytes('conclave/1 export\0')
