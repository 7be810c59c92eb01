import { checkMethods, concatBytes, isBytes } from '@conclave/base'
import type { Awaitable } from '@conclave/base'
import { encryptAesGcm } from '@conclave/crypto'
import { COMMITMENT, COMMITMENT_BYTES, encryptUnder } from '../core/keyed-cipher.ts'
import { always, unknownKeyError } from '../keys/event-keys.ts'
import type { SealingKey } from '../keys/event-keys.ts'
import { countSealed, keyStateOf, SCRATCH_BYTES, scratchOf, takeNonce } from './aes-gcm-key.ts'
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
  /** The encoding of the envelope; JSON when left out. */
  readonly isBinary?: boolean
}

/** An event that was sealed. */
export interface SealedEvent {
  readonly header: EventHeader
  /** Nonce, ciphertext and tag; in the binary encoding behind the header. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * Checks and reads all that was given before the call returns, and seals it.
 *
 * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY` when its key was retired meanwhile. spec P36
 */
export async function sealEnvelope(value: unknown, given: GivenToSeal): Promise<SealedEvent> {
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
  const lead = given.isBinary === true ? concatBytes(headerBytes, nonce) : nonce
  const context = { nonce, additionalData, lead }
  const { key } = sealing
  const { signer } = given.options
  let sealed: Awaitable<Uint8Array<ArrayBuffer>>
  if (signer !== undefined || 'then' in key) {
    const plaintext = encodeBody(value, body)
    const content = signer?.sign({ associatedData: additionalData, plaintext }) ?? plaintext
    sealed = encryptUnder(sealing, context, content)
  } else {
    const scratch = scratchOf(sealing.count)
    // `encodeBody` may run the caller's code, which may seal too: the scratch buffer is ours only after it returns.
    const plaintext = encodeBody(value, body, scratch.subarray(COMMITMENT_BYTES))
    const end = COMMITMENT_BYTES + plaintext.length
    const isThere = plaintext.buffer === scratch.buffer
    const content = isThere ? scratch.subarray(0, end) : concatBytes(COMMITMENT, plaintext)
    sealed = encryptAesGcm(key, context, content)
    // It outlives the call, and the value lies in it also where padding or a name made a copy.
    scratch.fill(0, 0, isThere ? end : SCRATCH_BYTES)
  }
  const bytes = await sealed
  if (!sealing.confirm()) throw unknownKeyError(sealing)
  return { header, bytes }
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
