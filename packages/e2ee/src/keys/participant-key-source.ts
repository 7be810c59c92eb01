// Longer than 300 lines for the contracts of its twenty methods; the code is 218.
import { Emitter } from '@conclave/base'
import { expand, randomBytes, wipe } from '@conclave/crypto'
import type { ParticipantId } from '@conclave/wire'
import type { GraceOptions } from '../core/grace.ts'
import { BaseKeyProvider } from './base-key-provider.ts'
import type { KeyedSession, KeyProviderOptions } from './base-key-provider.ts'
import { checkEpoch } from './epoch.ts'
import { closedError, encodeExportInfo, unknownEpochError } from './export-info.ts'
import type {
  KeyPurpose,
  OpeningKey,
  OpeningRequest,
  SealingKey,
  SealingRequest,
} from './event-keys.ts'
import { CHAIN_SECRET_BYTES, deriveChainRoot, withChain } from './key-chain.ts'
import type { KeySourceProperties } from './key-properties.ts'
import type { KeySource, KeySourceEvents, Member } from './key-source.ts'
import {
  close,
  complete,
  deriveRatcheted,
  prepare,
  requireHeld,
  rotate,
  switchTo,
} from './own-key.ts'
import type { ChainKey, HeldKey, OwnKey, OwnKeyStep } from './own-key.ts'
import { checkGrant, checkParticipant, ParticipantKeyGrant } from './participant-key-grant.ts'
import { ParticipantKeys } from './participant-keys.ts'
import type { GrantOutcome, KeyChange } from './participant-keys.ts'
import { copySecret } from './secret-bytes.ts'
import { SourceKeys } from './source-keys.ts'

/**
 * A key source where every participant seals under its own keys and grants them to each other member. Its own key moves
 * by a one-way ratchet when a participant joins, so that a newcomer decrypts nothing earlier, and changes to fresh
 * randomness when one leaves, so that it decrypts nothing later. Works without an order of messages and without a
 * server. Members hold each other's keys, so a member can speak as another one. chapter keys, section 6
 *
 * You must make one for each session, with the session's own fresh id.
 */
export class ParticipantKeySource extends BaseKeyProvider implements KeySource {
  readonly mode = 'participant'
  /** The session whose own keys these are. */
  readonly self: ParticipantId
  readonly #keys: ParticipantKeys
  readonly #derived = new SourceKeys({
    // A text that is no participant id has no keys.
    rootOf: ({ epoch, sender }) => this.#keys.get(sender as ParticipantId)?.root(epoch),
    export: (label, context, length, { epoch, sender }) =>
      this.export(label, context, length, epoch, sender as ParticipantId),
    confirm: ({ epoch, sender }) => this.confirm(epoch, sender as ParticipantId),
  })
  readonly #events = new Emitter<KeySourceEvents>()
  #own: OwnKey = { state: 'none' }
  #isBound: boolean

  override get [Symbol.toStringTag](): string {
    return 'ParticipantKeySource'
  }

  /**
   * @param options.generate `false`: without an own key until `setOwnKey`
   * @param options.bound `false`: `bind` may name another session, once
   * @throws TypeError, RangeError that name the argument
   * @throws E2eeError `ERR_E2EE_CLEAR_FRAMES`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  constructor(
    self: ParticipantId,
    {
      generate = true,
      bound = true,
      ...options
    }: { readonly generate?: boolean; readonly bound?: boolean } & GraceOptions &
      KeyProviderOptions = {},
  ) {
    super(options)
    checkParticipant('self', self)
    this.#keys = new ParticipantKeys(options)
    this.self = self
    this.#isBound = bound
    if (generate) this.#enter(switchTo(this.#own, { epoch: 0n, secret: randomSecret() }))
  }

  /**
   * Names the session whose own keys these are, if that was left open; its own key goes over to it. spec K52
   *
   * @throws TypeError for a malformed id, RangeError for another one than before
   */
  override bind({ self }: KeyedSession): Promise<void> {
    checkParticipant('self', self)
    if (self !== this.self) {
      if (this.#isBound) throw new RangeError('"self" expected the session that was named before')
      this.#emit(this.#keys.forget([this.self, self]))
      Object.assign(this, { self })
      const own = this.#own
      if ('current' in own) this.#emit(this.#keys.beginOwn(self, own.current))
    }
    this.#isBound = true
    return super.bind({ self, room: '' })
  }

  /** The epoch that this participant seals in. */
  get epoch(): bigint {
    const own = this.#own
    return own.state === 'current' || own.state === 'prepared' ? own.current.epoch : 0n
  }

  /**
   * Call it when a participant joins: ratchets the own key by one step. With the returned grant the newcomer decrypts
   * later messages and no earlier ones. Members who held the key follow 64 ratchets by themselves: you must give it to
   * them again then. Completes a rotation that was prepared. spec K31, K32
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_CLOSED`
   */
  async ratchet(): Promise<ParticipantKeyGrant> {
    const own = requireHeld(this.#own)
    if (own.state === 'prepared') return this.completeRotation()
    const next = await deriveRatcheted(own)
    if (this.#own === own) {
      this.#enter(switchTo(own, next))
      return this.grantWithPast()
    }
    // The key changed meanwhile, or the source was closed: continue from the present state.
    wipe(next.secret)
    return this.ratchet()
  }

  /**
   * Call it when a participant leaves: changes the own key to fresh random bytes, and cancels a prepared rotation. You
   * must bring the returned grant to everyone who stays, and to no one else; until it arrives they drop your messages.
   * spec K32
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_CLOSED`
   */
  rotate(): ParticipantKeyGrant {
    this.#enter(rotate(requireHeld(this.#own), randomSecret()))
    return this.grantWithPast()
  }

  /**
   * Draws the key that {@link completeRotation} changes to, so that members can have it before anything is sealed under
   * it; returns the same one when it is called again. A participant that got this grant and leaves before it is used is
   * locked out by `rotate`, or by preparing another key. spec K32
   *
   * @param options.afresh draws another key in the place of one that was prepared
   * @throws E2eeError as `rotate`
   */
  prepareRotation({
    afresh = false,
  }: { readonly afresh?: boolean | undefined } = {}): ParticipantKeyGrant {
    const { own, consumed } = prepare(requireHeld(this.#own), { secret: randomSecret(), afresh })
    this.#own = own
    wipe(...consumed)
    return this.#grantOf(own.prepared, { prepared: true })
  }

  /**
   * Seals under the key that was prepared; without one, does as `rotate`. spec K32
   *
   * @throws E2eeError as `rotate`
   */
  completeRotation(): ParticipantKeyGrant {
    const own = this.#own
    if (own.state !== 'prepared') return this.rotate()
    this.#enter(complete(own), { isPrepared: true })
    return this.grantWithPast()
  }

  /**
   * The grant that decrypts this participant's messages of the whole current epoch, also those that were sealed before, and over
   * later ratchets: for those who have the epoch already. For a participant that joins you must `ratchet` and give its grant
   * instead. spec K29
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_CLOSED`
   */
  grantWithPast(): ParticipantKeyGrant {
    return this.#grantOf(requireHeld(this.#own).current)
  }

  /**
   * The grant that decrypts only the current epoch: the next ratchet ends it. spec K29
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_CLOSED`
   */
  async grantEpoch(): Promise<ParticipantKeyGrant> {
    const { epoch, secret } = requireHeld(this.#own).current
    const root = await withChain(new Uint8Array(secret), (chain) => deriveChainRoot(chain, epoch))
    const granted = { participant: this.self, epoch, following: false }
    const grant = new ParticipantKeyGrant(granted, root)
    wipe(root)
    return grant
  }

  /**
   * Seals under a key that the app gives to this participant and, by `setParticipantKey`, to all others.
   *
   * @param secret 32 uniformly random bytes; copied
   * @param epoch above the current one, if there is one
   * @throws TypeError, RangeError for a malformed secret or epoch, or an epoch that is not above the current one
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setOwnKey(secret: Uint8Array, epoch: bigint): void {
    const own = this.#own
    if (own.state === 'closed') throw closedError()
    checkEpoch(epoch)
    const copy = copySecret('secret', secret)
    if (own.state === 'none' || epoch > own.current.epoch) {
      return this.#enter(switchTo(own, { epoch, secret: copy }))
    }
    wipe(copy)
    throw new RangeError(`"epoch" expected above the current ${own.current.epoch}, got ${epoch}`)
  }

  /**
   * Accepts a grant of another participant. You must know that it comes from that participant: by a signature, or over
   * an authenticated channel. The caller still owns the grant. spec K30
   *
   * @returns the outcome; does not throw for input from others
   * @throws TypeError for malformed arguments, RangeError for this session's own id
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setParticipantKey(participant: ParticipantId, grant: ParticipantKeyGrant): GrantOutcome {
    if (this.#own.state === 'closed') throw closedError()
    this.#checkOther(participant)
    checkGrant(grant)
    const { outcome, changes } = this.#keys.accept(participant, grant)
    this.#emit(changes)
    return outcome
  }

  /**
   * Call it when participants left: drops their keys and rotates the own key, so that they decrypt nothing later. You
   * must bring the returned grant to everyone who stays. spec K32, K33
   *
   * @throws TypeError for malformed ids, RangeError for this session's own
   * @throws E2eeError as `rotate`
   */
  removeParticipant(...participants: readonly ParticipantId[]): ParticipantKeyGrant {
    requireHeld(this.#own)
    for (const participant of participants) this.#checkOther(participant)
    this.forgetParticipant(...participants)
    return this.rotate()
  }

  /**
   * Drops the keys of participants: their messages are no longer decrypted. They still decrypt this participant's
   * messages until the own key rotates. spec K33
   *
   * @throws TypeError for malformed ids, RangeError for this session's own
   */
  forgetParticipant(...participants: readonly ParticipantId[]): void {
    for (const participant of participants) this.#checkOther(participant)
    this.#emit(this.#keys.forget(participants))
  }

  /**
   * Refuses earlier epochs of another participant, for good; those that are held retire. A lower one than before changes
   * nothing. If the participant ratcheted up to the epoch, its later messages are still decrypted, and the next 64
   * ratchets are counted from there; you must know from the participant itself, by its signature, that it did. spec K33
   *
   * @throws TypeError, RangeError for a malformed epoch or id, and for this session's own id
   */
  setMinEpoch(epoch: bigint, participant: ParticipantId): void {
    checkEpoch(epoch)
    this.#checkOther(participant)
    this.#emit(this.#keys.setMin(participant, epoch))
  }

  /**
   * Retires, for all participants or the one that is named, the epochs before the grant that is in use: messages sealed in them
   * are no longer decrypted here, and nothing can be sealed in them. Epochs before a rotation retire by themselves when their grace is
   * over; for those before a ratchet you must call it some time after a grant, when messages in transit have arrived: until then a thief
   * of the device finds the keys of up to 64 of them. spec K33
   */
  retireEarlier(participant?: ParticipantId): void {
    if (participant !== undefined) checkParticipant('participant', participant)
    this.#emit(this.#keys.retireEarlier(participant))
  }

  /**
   * Retires the epochs before each rotation whose grace is over. Every use of the source does it; call it to be on time without
   * one. spec K33
   */
  sweep(): void {
    this.#emit(this.#keys.sweep())
  }

  async export(
    label: string,
    context: Uint8Array,
    length: number,
    epoch?: bigint,
    sender: ParticipantId = this.self,
  ): Promise<Uint8Array<ArrayBuffer>> {
    this.sweep()
    const epochs = this.#keys.get(sender)
    const chosen = epoch ?? epochs?.inUse ?? 0n
    const info = encodeExportInfo({ label, context, length, epoch: chosen })
    if (this.#own.state === 'closed') throw closedError()
    const root = epochs?.root(chosen)
    if (epochs === undefined || root === undefined) throw unknownEpochError(chosen)
    const key = await expand(await root, { info, length })
    if (epochs.has(chosen)) return key
    wipe(key)
    throw unknownEpochError(chosen)
  }

  epochEndingIn(byte: number, sender: ParticipantId = this.self): bigint | undefined {
    this.sweep()
    return this.#keys.get(sender)?.endingIn(byte)
  }

  confirm(epoch: bigint, sender: ParticipantId): void {
    this.#emit(this.#keys.confirm(sender, epoch))
  }

  sealingKey(request: SealingRequest): SealingKey {
    this.checkSender('sender', request.sender)
    if (this.#own.state === 'closed') throw closedError()
    this.sweep()
    return this.#derived.sealingKey(request, this.epoch)
  }

  openingKey(request: OpeningRequest): OpeningKey {
    this.sweep()
    return this.#derived.openingKey(request)
  }

  /** @throws TypeError for any other participant: the source holds keys of others only to decrypt */
  checkSender(name: string, sender: string): void {
    if (sender === this.self) return
    throw new TypeError(`"${name}" expected the id of the participant whose key source it is`)
  }

  forgetKeys(matches: (purpose: KeyPurpose, sender: string) => boolean): void {
    this.#derived.forgetKeys(matches)
  }

  /** The participants whose keys are held, this one too. It does not prove that others hold this participant's keys. */
  members(): readonly Member[] {
    return Array.from(this.#keys.senders(), (id) => ({ id }))
  }

  properties(): KeySourceProperties {
    return {
      forwardSecrecy: { holds: 'per-epoch', because: ['deliveries-closed'] },
      postCompromise: { holds: 'no', because: ['same-delivery-keys'] },
      senderAuth: { holds: 'no', because: ['granted-keys-seal'] },
      rekeyOnLeave: { holds: 'yes', because: ['leaving-is-told'] },
      memberAuth: { holds: 'no', because: ['members-unproved'] },
    }
  }

  on<T extends keyof KeySourceEvents>(
    type: T,
    handler: (event: KeySourceEvents[T]) => void,
  ): () => void {
    return this.#events.on(type, handler)
  }

  /** Drops all keys, for good. Closing again does nothing. spec K13 */
  close(): void {
    if (this.#own.state === 'closed') return
    const { own, consumed } = close(this.#own)
    this.#own = own
    wipe(...consumed)
    this.#emit(this.#keys.clear())
    this.#events.clear()
  }

  #checkOther(participant: ParticipantId): void {
    checkParticipant('participant', participant)
    if (participant === this.self) {
      throw new RangeError('"participant" must not be this session\'s own id')
    }
  }

  #grantOf(
    { epoch, secret }: ChainKey,
    { prepared }: { readonly prepared: boolean } = { prepared: false },
  ): ParticipantKeyGrant {
    const granted = { participant: this.self, epoch, following: true, prepared }
    return new ParticipantKeyGrant(granted, secret)
  }

  /** Seals under the current key of the next state, and begins its epoch. */
  #enter(
    { own, consumed }: OwnKeyStep<HeldKey>,
    how: { readonly isPrepared?: boolean } = {},
  ): void {
    this.#own = own
    wipe(...consumed)
    this.#emit(this.#keys.beginOwn(this.self, own.current), how)
  }

  /** spec K14, P14 */
  #emit(changes: readonly KeyChange[], how: { readonly isPrepared?: boolean } = {}): void {
    for (const { type, epoch, sender } of changes) {
      if (type === 'epochRetired') this.#derived.retire({ epoch, sender })
      this.#events.emit(type, { epoch, sender, ...(type === 'epochChanged' && how) })
    }
  }
}

const randomSecret = (): Uint8Array<ArrayBuffer> => randomBytes(CHAIN_SECRET_BYTES)
