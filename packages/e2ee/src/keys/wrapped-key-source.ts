import { BaseKeyProvider } from './base-key-provider.ts'
import type { KeyProviderOptions } from './base-key-provider.ts'
import type {
  KeyPurpose,
  OpeningKey,
  OpeningRequest,
  SealingKey,
  SealingRequest,
} from './event-keys.ts'
import type { KeySourceProperties } from './key-properties.ts'
import type { KeySource, KeySourceEvents, Member } from './key-source.ts'
import type { SharedKeySource } from './shared-key-source.ts'

/** A key source over a shared root, without the derivation of the root. */
export abstract class WrappedKeySource extends BaseKeyProvider implements KeySource {
  abstract readonly mode: KeySource['mode']
  readonly #roots: SharedKeySource

  override get [Symbol.toStringTag](): string {
    return 'WrappedKeySource'
  }

  constructor(roots: SharedKeySource, options?: KeyProviderOptions) {
    super(options)
    this.#roots = roots
  }

  get epoch(): bigint {
    return this.#roots.epoch
  }

  /** Seals in an epoch that is held, from now on. spec K25 @throws RangeError for any other */
  use(epoch: bigint): void {
    this.#roots.use(epoch)
  }

  /** Retires the epochs whose grace is over. Every use of the source does it. spec K11 */
  sweep(): void {
    this.#roots.sweep()
  }

  /** Ends an epoch: this session no longer opens anything of it. spec K12 @throws RangeError for the current one */
  retire(epoch: bigint): void {
    this.#roots.retire(epoch)
  }

  /** Refuses all epochs before this one, for good. spec K26 @throws TypeError, RangeError for no epoch */
  setMinEpoch(epoch: bigint): void {
    this.#roots.setMinEpoch(epoch)
  }

  export(
    label: string,
    context: Uint8Array,
    length: number,
    epoch?: bigint,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#roots.export(label, context, length, epoch)
  }

  epochEndingIn(byte: number): bigint | undefined {
    return this.#roots.epochEndingIn(byte)
  }

  sealingKey(request: SealingRequest): SealingKey {
    return this.#roots.sealingKey(request)
  }

  openingKey(request: OpeningRequest): OpeningKey {
    return this.#roots.openingKey(request)
  }

  /** Does nothing: every member of one root can seal as any sender. spec K9 */
  checkSender(): void {}

  forgetKeys(matches: (purpose: KeyPurpose, sender: string) => boolean): void {
    this.#roots.forgetKeys(matches)
  }

  /** Does nothing: members of one root change epochs together, by explicit calls. spec K22 */
  confirm(): void {}

  members(): readonly Member[] {
    return this.#roots.members()
  }

  properties(): KeySourceProperties {
    const properties = this.#roots.properties()
    if (this.mode !== 'passphrase') return properties
    const { holds, because } = properties.forwardSecrecy
    const forwardSecrecy = { holds, because: [...because, 'passphrase-not-guessed'] } as const
    return { ...properties, forwardSecrecy }
  }

  on<T extends keyof KeySourceEvents>(
    type: T,
    handler: (event: KeySourceEvents[T]) => void,
  ): () => void {
    return this.#roots.on(type, handler)
  }

  /** Retires every epoch, for good. Closing again does nothing. spec K13 */
  close(): void {
    this.#roots.close()
  }
}
