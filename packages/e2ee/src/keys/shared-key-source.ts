import { Emitter } from '@conclave/base'
import { expand, HASH_BYTES, importExpandKey, wipe } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import type { ParticipantId } from '@conclave/wire'
import { checkGrace } from '../core/grace.ts'
import type { GraceOptions } from '../core/grace.ts'
import { checkEpoch } from './epoch.ts'
import type {
  KeyPurpose,
  OpeningKey,
  OpeningRequest,
  SealingKey,
  SealingRequest,
} from './event-keys.ts'
import { closedError, encodeExportInfo, unknownEpochError } from './export-info.ts'
import type { KeySourceProperties } from './key-properties.ts'
import type { KeySource, KeySourceEvents, Member } from './key-source.ts'
import { copySecret } from './secret-bytes.ts'
import { SourceKeys } from './source-keys.ts'

/** Length of a shared root in bytes. */
export const SHARED_SECRET_BYTES: number = HASH_BYTES

/** How many epochs a source holds; with one more the oldest retires. spec K11 */
export const MAX_EPOCHS = 16

/**
 * A key source whose members all hold the same 32 random bytes: the secret of a link, or one that the app hands out.
 * Every holder can read all messages of that epoch and speak as any member; a member who leaves stays a holder until
 * the key is rotated. chapter keys
 *
 * You must give it uniformly random bytes, never a password or a hash of one.
 */
export class SharedKeySource implements KeySource {
  readonly mode = 'shared'
  /** By epoch, which rises: the first one is the oldest. */
  readonly #heldByEpoch = new Map<bigint, HeldRoot>()
  readonly #grace: ReturnType<typeof checkGrace>
  readonly #events = new Emitter<KeySourceEvents>()
  readonly #keys = new SourceKeys({
    rootOf: ({ epoch }) => this.#get(epoch),
    export: (label, context, length, { epoch, sender }) =>
      (this as KeySource).export(label, context, length, epoch, sender as ParticipantId),
  })
  #epoch: bigint
  /** No key may be added for it or an earlier one. */
  #newest: bigint
  #closed = false

  get [Symbol.toStringTag](): string {
    return 'SharedKeySource'
  }

  /**
   * @param secret 32 bytes. Copied; zero your copy. If omitted, sealing and opening fail until `setKey`
   * @throws TypeError, RangeError for a malformed secret or epoch
   */
  constructor(
    secret?: Uint8Array,
    { epoch = 0n, ...grace }: { readonly epoch?: bigint } & GraceOptions = {},
  ) {
    checkEpoch(epoch)
    this.#grace = checkGrace(grace)
    this.#epoch = epoch
    this.#newest = epoch - 1n
    if (secret !== undefined) this.#hold(secret, epoch)
  }

  get epoch(): bigint {
    return this.#epoch
  }

  /**
   * Rotates: sealing uses the new secret at once, the earlier ones still open until their grace is over. You must
   * bring the same secret and epoch to the other members first, or they drop your messages. spec K10, K11
   *
   * @param epoch above all that were held
   * @throws TypeError, RangeError for a malformed secret or epoch
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setKey(secret: Uint8Array, epoch: bigint): void {
    this.#hold(secret, epoch)
    this.use(epoch, { atOnce: true })
  }

  /**
   * Adds the next secret for opening only, so that nothing is lost when members switch one after another: bring it to
   * everyone, then each calls `use`. spec K25
   *
   * @param epoch above all that were held
   * @throws TypeError, RangeError for a malformed secret or epoch
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  addKey(secret: Uint8Array, epoch: bigint): void {
    this.#hold(secret, epoch)
    this.#events.emit('epochAdded', { epoch })
  }

  /**
   * Seals in an epoch that is held, from now on. spec K25
   *
   * @param options.atOnce somebody left: video does not wait for a key frame. spec K50
   * @throws RangeError for one that is not held, or earlier than the current one
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  use(epoch: bigint, options?: { readonly atOnce?: boolean }): void {
    if (this.#closed) throw closedError()
    if (!this.#heldByEpoch.has(epoch) || epoch < this.#epoch) {
      throw new RangeError(`"epoch" expected a held one, got ${epoch}`)
    }
    const end = this.#grace.now() + this.#grace.graceMs
    for (const [earlier, held] of this.#heldByEpoch)
      if (earlier < epoch) held.endsAt = Math.min(held.endsAt, end)
    this.#epoch = epoch
    this.#events.emit('epochChanged', { epoch, isPrepared: !options?.atOnce })
    this.sweep()
  }

  /** Retires the epochs whose grace is over. Every use of the source does it; call it to be on time without one. spec K11 */
  sweep(): void {
    if (this.#heldByEpoch.size < 2) return
    const now = this.#grace.now()
    this.#dropIf((_, { endsAt }) => endsAt <= now)
  }

  /**
   * Ends an epoch: this session no longer opens anything of it. An epoch that is not held is ignored. You must wait
   * until all messages that others sealed in it have arrived, or they are lost. spec K12
   *
   * @throws RangeError for the current epoch: set another key first, or close
   */
  retire(epoch: bigint): void {
    checkEpoch(epoch)
    if (epoch === this.#epoch && !this.#closed) {
      throw new RangeError(`"epoch" expected an earlier one, got ${epoch}`)
    }
    this.#dropIf((held) => held === epoch)
  }

  /**
   * Refuses all epochs before this one for good: their keys retire, also the current one, and sealing fails until a
   * newer key is used. A lower minimum than before changes nothing. spec K26
   *
   * @throws TypeError, RangeError for an epoch that cannot be one
   */
  setMinEpoch(epoch: bigint): void {
    checkEpoch(epoch)
    if (epoch > this.#newest) this.#newest = epoch - 1n
    this.#dropIf((held) => held < epoch)
  }

  async export(
    label: string,
    context: Uint8Array,
    length: number,
    epoch: bigint = this.#epoch,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const info = encodeExportInfo({ label, context, length, epoch })
    if (this.#closed) throw closedError()
    const held = this.#get(epoch)
    if (held === undefined) throw unknownEpochError(epoch)
    const key = await expand(await held.root, { info, length })
    if (this.#heldByEpoch.has(epoch)) return key
    wipe(key)
    throw unknownEpochError(epoch)
  }

  epochEndingIn(byte: number): bigint | undefined {
    this.sweep()
    return [...this.#heldByEpoch.keys()].reverse().find((epoch) => Number(epoch & 255n) === byte)
  }

  /** Does nothing: members of one root change epochs together, by explicit calls. spec K22 */
  confirm(): void {}

  sealingKey(request: SealingRequest): SealingKey {
    if (this.#closed) throw closedError()
    return this.#keys.sealingKey(request, this.#epoch)
  }

  openingKey(request: OpeningRequest): OpeningKey {
    return this.#keys.openingKey(request)
  }

  /** Does nothing: every member of one root can seal as any sender. spec K9 */
  checkSender(): void {}

  forgetKeys(matches: (purpose: KeyPurpose, sender: string) => boolean): void {
    this.#keys.forgetKeys(matches)
  }

  members(): readonly Member[] {
    return []
  }

  properties(): KeySourceProperties {
    const chosen = { holds: 'no', because: ['application-keys'] } as const
    const shared = { holds: 'no', because: ['one-secret'] } as const
    return {
      forwardSecrecy: { holds: 'per-epoch', because: ['secrets-deleted'] },
      postCompromise: chosen,
      rekeyOnLeave: chosen,
      senderAuth: shared,
      memberAuth: shared,
    }
  }

  on<T extends keyof KeySourceEvents>(
    type: T,
    handler: (event: KeySourceEvents[T]) => void,
  ): () => void {
    return this.#events.on(type, handler)
  }

  /** Retires every epoch, for good. Closing again does nothing. spec K13 */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#dropIf(() => true)
    this.#events.clear()
  }

  #hold(secret: Uint8Array, epoch: bigint): void {
    if (this.#closed) throw closedError()
    checkEpoch(epoch)
    if (epoch <= this.#newest) {
      throw new RangeError(`"epoch" expected above ${this.#newest}, got ${epoch}`)
    }
    this.#heldByEpoch.set(epoch, { root: importRoot(secret), endsAt: Number.POSITIVE_INFINITY })
    this.#newest = epoch
    // The oldest goes when there is one too many, but never the one that is sealed in. spec K11
    this.#dropIf((held) => this.#heldByEpoch.size > MAX_EPOCHS && held !== this.#epoch)
  }

  /** An epoch that is held, unless its grace is over. */
  #get(epoch: bigint): HeldRoot | undefined {
    this.sweep()
    return this.#heldByEpoch.get(epoch)
  }

  /** spec K12, P14 */
  #dropIf(isOver: (epoch: bigint, held: HeldRoot) => boolean): void {
    for (const [epoch, held] of [...this.#heldByEpoch]) {
      if (!isOver(epoch, held) || !this.#heldByEpoch.delete(epoch)) continue
      this.#keys.retire({ epoch })
      this.#events.emit('epochRetired', { epoch })
    }
  }
}

interface HeldRoot {
  readonly root: Promise<SecretKey>
  /** When the grace of an earlier epoch is over. spec K11 */
  endsAt: number
}

function importRoot(secret: Uint8Array): Promise<SecretKey> {
  const root = importExpandKey(copySecret('secret', secret))
  // A failure reaches the caller of `export`; no one listens before.
  root.catch(() => {})
  return root
}
