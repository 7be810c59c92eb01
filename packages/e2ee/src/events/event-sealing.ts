import { checkMethods, isBytes } from '@conclave/base'
import { encryptUnder } from '../core/keyed-cipher.ts'
import { always, unknownKeyError } from '../keys/event-keys.ts'
import type { SealingKey } from '../keys/event-keys.ts'
import { countSealed, keyStateOf, takeNonce } from './aes-gcm-key.ts'
import { encodeAssociatedData } from './associated-data.ts'
import { encodeBody } from './event-body.ts'
import type { EventKind } from './event-context.ts'
import { EVENT_FLAGS } from './event-header.ts'
import type { EventHeader } from './event-header.ts'
import { checkOptions } from './event-options.ts'
import type { CheckedOptions } from './event-options.ts'
import { eventPurpose } from './event-purpose.ts'
import type { SealEventOptions } from './seal-event-options.ts'

/** The arguments of a call that seals. */
export interface GivenToSeal {
  /** Left out: the options name it. */
  readonly kind?: EventKind
  readonly key: unknown
  readonly options: SealEventOptions
  /** Refuses bytes. */
  readonly jsonOnly: boolean
}

/** An event that is being sealed. */
export interface StartedSealing {
  readonly header: EventHeader
  /** The header in its binary encoding. */
  readonly headerBytes: Uint8Array<ArrayBuffer>
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly ciphertext: Promise<Uint8Array<ArrayBuffer>>
  readonly sealing: SealingKey
}

/**
 * The ciphertext of an event that is being sealed.
 *
 * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY` when its key was retired meanwhile. spec P36
 */
export async function finishSealing({
  ciphertext,
  sealing,
}: StartedSealing): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = await ciphertext
  if (!sealing.confirm()) throw unknownKeyError(sealing)
  return sealed
}

/** Checks and reads all that was given, and begins to seal it. */
export function startSealing(value: unknown, given: GivenToSeal): StartedSealing {
  const checked = checkOptions(given.options, { kind: given.kind, key: given.key, use: 'seal' })
  const isJson = given.jsonOnly || !isBytes(value)
  const flags = flagsOf(given.options, checked) | (isJson ? 0 : EVENT_FLAGS.bytes)
  const sealing = findSealingKey(given.key, checked)
  countSealed(sealing.count)
  const header = headerOf(sealing, { flags, checked, options: given.options })
  const additional = encodeAssociatedData(header, checked.context)
  const body = { flags: header.flags, hiddenName: checked.context.eventName ?? '' }
  const { bytes: additionalData, headerBytes } = additional
  const nonce = takeNonce(sealing.count)
  const context = { nonce, additionalData }
  const started = { header, headerBytes, nonce, sealing }
  const { signer } = given.options
  if (signer !== undefined || 'then' in sealing.key) {
    const plaintext = encodeBody(value, body)
    const content = signer?.sign({ associatedData: additionalData, plaintext }) ?? plaintext
    return { ...started, ciphertext: encryptUnder(sealing, context, content) }
  }
  const state = keyStateOf('key', sealing.key)
  const scratch = (state.scratch ??= new Uint8Array(SCRATCH_BYTES))
  // `encodeBody` may run the caller's code, which may seal too: the scratch buffer is ours only after it returns.
  const ciphertext = encryptUnder(sealing, context, encodeBody(value, body, scratch))
  // It outlives the call, and the value lies in it also where padding or a name made a copy.
  scratch.fill(0)
  return { ...started, ciphertext }
}

function flagsOf(options: SealEventOptions, { context, sender }: CheckedOptions): number {
  const { padding, hideEventName = false, counter, signer } = options
  if (padding !== undefined && padding !== 'padme') {
    throw new RangeError('"padding" expected "padme"')
  }
  if (typeof hideEventName !== 'boolean' || (hideEventName && !context.eventName)) {
    throw new TypeError('"hideEventName" expected boolean, with "eventName"')
  }
  if ((counter ?? signer) && !sender) {
    throw new TypeError('"sender" expected with "counter" or "signer"')
  }
  if (counter !== undefined) checkMethods('counter', counter, 'take')
  if (signer !== undefined) checkMethods('signer', signer, 'sign')
  return (
    (padding === undefined ? 0 : EVENT_FLAGS.padded) |
    (hideEventName ? EVENT_FLAGS.hiddenName : 0) |
    (counter === undefined ? 0 : EVENT_FLAGS.numbered) |
    (signer === undefined ? 0 : EVENT_FLAGS.signed)
  )
}

function findSealingKey(key: unknown, checked: CheckedOptions): SealingKey {
  const { kind, contextId, keyId, epoch, sender = '', eventKeys } = checked
  if (eventKeys !== undefined) {
    return eventKeys.sealingKey({ purpose: eventPurpose(kind), sender, contextId, keyId, epoch })
  }
  const name = { keyId: keyId ?? '', epoch: epoch ?? 0n }
  const count = keyStateOf('key', key)
  return { ...name, derived: false, key: key as CryptoKey, count, confirm: always }
}

function headerOf(
  { keyId, epoch, derived }: SealingKey,
  {
    flags,
    checked: { kind, sender = '' },
    options,
  }: {
    readonly flags: number
    readonly checked: CheckedOptions
    readonly options: SealEventOptions
  },
): EventHeader {
  const { stream, sequence } = options.counter?.take() ?? NOT_NUMBERED
  const all = derived ? flags | EVENT_FLAGS.derived : flags
  return { kind, flags: all, keyId, epoch, sender, stream, sequence }
}

const NOT_NUMBERED = { stream: 0, sequence: 0 }
const SCRATCH_BYTES = 16_384
