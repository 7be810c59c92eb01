import type { ParticipantId } from '@conclave/wire'
import { DerivedKeys } from './derived-keys.ts'
import type { DerivationRoots, KeyOwner } from './derived-keys.ts'
import { unknownKeyError } from './event-keys.ts'
import type {
  EventKeys,
  KeyPurpose,
  OpeningKey,
  OpeningRequest,
  SealingKey,
  SealingRequest,
} from './event-keys.ts'
import { closedError } from './export-info.ts'
import type { EpochEvent, KeySource } from './key-source.ts'

/** A key source as {@link SourceKeys} sees it. */
export interface SourceRoots extends Pick<DerivationRoots, 'rootOf'> {
  /** The epoch to seal in now. */
  epoch(): bigint
  isClosed(): boolean
  readonly source: Pick<KeySource, 'export' | 'confirm' | 'checkSender'>
}

/** The part of a key source that gives messages and events their keys. Its keys have no key id. */
export class SourceKeys implements Omit<EventKeys, 'checkSender'> {
  readonly #roots: SourceRoots
  readonly #derived: DerivedKeys

  constructor(roots: SourceRoots) {
    const { source, rootOf } = roots
    this.#roots = roots
    this.#derived = new DerivedKeys({
      rootOf,
      export: ({ epoch, sender }, { label, context, length }) =>
        source.export(label, context, length, epoch, sender as ParticipantId),
      confirm: ({ epoch, sender }) => source.confirm(epoch, sender as ParticipantId),
    })
  }

  sealingKey({ purpose, sender, keyId = '', epoch }: SealingRequest): SealingKey {
    this.#roots.source.checkSender('sender', sender)
    if (this.#roots.isClosed()) throw closedError()
    const name = { keyId, epoch: epoch ?? this.#roots.epoch() }
    const sealing = keyId === '' && this.#derived.sealingKey({ ...name, purpose, sender })
    if (!sealing) throw unknownKeyError(name)
    return sealing
  }

  openingKey(request: OpeningRequest): OpeningKey {
    const isOurs = request.keyId === '' && request.derived
    return isOurs ? this.#derived.openingKey(request) : { type: 'unknown-key' }
  }

  forgetKeys(matches: (purpose: KeyPurpose, sender: string) => boolean): void {
    this.#derived.forget(({ purpose, sender }) => matches(purpose, sender))
  }

  /** Drops the keys derived from an epoch, of one sender or of all. spec P14 */
  retire({ epoch, sender }: EpochEvent): void {
    this.#derived.forget(
      (owner: KeyOwner) => owner.epoch === epoch && (sender ?? owner.sender) === owner.sender,
    )
  }
}
