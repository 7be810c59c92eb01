import { UNKNOWN_KEY } from '../core/dropped.ts'
import { DerivedKeys } from './derived-keys.ts'
import { unknownKeyError } from './event-keys.ts'
import type {
  KeyPurpose,
  OpeningKey,
  OpeningRequest,
  SealingKey,
  SealingRequest,
} from './event-keys.ts'
import type { EpochEvent } from './key-source.ts'

/** The part of a key source that gives messages and events their keys. Its keys have no key id. */
export class SourceKeys extends DerivedKeys {
  /**
   * @param current the epoch to seal in now
   * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY`
   */
  sealingKey({ purpose, sender, keyId = '', epoch }: SealingRequest, current: bigint): SealingKey {
    const name = { keyId, epoch: epoch ?? current }
    const sealing = keyId === '' && this.keyOf({ ...name, purpose, sender }, { opens: false })
    if (!sealing) throw unknownKeyError(name)
    return sealing
  }

  openingKey(request: OpeningRequest): OpeningKey {
    const isOurs = request.keyId === '' && request.derived
    return (isOurs && this.keyOf(request, { opens: true })) || UNKNOWN_KEY
  }

  forgetKeys(matches: (purpose: KeyPurpose, sender: string) => boolean): void {
    this.forget(({ purpose, sender }) => matches(purpose, sender))
  }

  /** Drops the keys derived from an epoch, of one sender or of all. spec P14 */
  retire(retired: EpochEvent): void {
    this.forget(
      ({ epoch, sender }) => epoch === retired.epoch && (retired.sender ?? sender) === sender,
    )
  }
}
