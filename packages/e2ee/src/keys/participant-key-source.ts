import type { ParticipantId } from '@conclave/wire'
import { copyBytes } from '../bytes.ts'
import { E2eeError } from '../errors.ts'
import { checkEpoch, encodeExportInfo, unknownEpochError } from './export-info.ts'
import { expand, importExpandKey } from '../hkdf.ts'
import type {
  EpochEvent,
  KeySource,
  KeySourceEvents,
  KeySourceProperties,
  Member,
} from './key-source.ts'
import { Listeners, tryEach } from '../listeners.ts'
import {
  CHAIN_SECRET_BYTES,
  deriveChainRoot,
  deriveNextChain,
  joinEpoch,
  MAX_STEP,
  splitEpoch,
  withChain,
} from './key-chain.ts'
import { checkParticipant, ParticipantKeyGrant } from './participant-key-grant.ts'
import { SenderEpochs } from './sender-epochs.ts'
import type { EpochStart } from './sender-epochs.ts'

/** Participants whose keys are held, and as many whose minimum is remembered. spec K33 */
export const MAX_PARTICIPANTS = 1024

/** What became of a grant that arrived. */
export type GrantOutcome =
  | { readonly type: 'set'; readonly epoch: bigint }
  /** This epoch of the participant is the current one already; nothing changed. */
  | { readonly type: 'known'; readonly epoch: bigint }
  /**
   * Nothing changed. `another-participant`: it was granted for somebody else's key; `old`: an earlier epoch than the
   * current one, or than the minimum; `too-many-participants`: the table is full.
   */
  | {
      readonly type: 'refused'
      readonly reason: 'another-participant' | 'old' | 'too-many-participants'
    }

/**
 * A key source where every participant seals under keys of its own, which it grants to each other member: by a one-way
 * ratchet when somebody joins, so that a newcomer opens nothing earlier, and by fresh randomness when somebody leaves,
 * so that who left opens nothing later. Needs no order of messages and no server. Members hold each other's keys, so
 * a member can speak as another one. chapter keys, section 6
 *
 * You must make one for each session, with the session's own fresh id.
 */
export class ParticipantKeySource implements KeySource {
  readonly mode = 'participant'
  readonly #self: ParticipantId
  readonly #epochsBySender = new Map<ParticipantId, SenderEpochs>()
  /** Of those who were removed, or for whom a minimum was set: nothing earlier is taken. */
  readonly #minBySender = new Map<ParticipantId, bigint>()
  readonly #listeners = new Listeners<KeySourceEvents>()
  #own: OwnKey | undefined
  #prepared: OwnKey | undefined
  #closed = false

  /**
   * @param options.generate `false`: without a key of one's own until `setOwnKey`
   * @throws TypeError for an id that is none
   */
  constructor(self: ParticipantId, { generate = true }: { readonly generate?: boolean } = {}) {
    checkParticipant('self', self)
    this.#self = self
    if (generate) this.#switchTo({ epoch: 0n, secret: randomSecret() })
  }

  /** The epoch that this participant seals in. */
  get epoch(): bigint {
    return this.#own?.epoch ?? 0n
  }

  /**
   * Somebody joins: the own key moves one step on, and with the grant that is returned the newcomer opens what follows
   * and nothing earlier. Those who held the key move on by themselves. Completes a rotation that was
   * prepared. spec K32
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_CLOSED`
   */
  async ratchet(): Promise<ParticipantKeyGrant> {
    if (this.#prepared !== undefined) return this.completeRotation()
    const own = this.#requireOwn()
    const epoch = nextEpoch(own.epoch, 0n)
    const secret = await withChain(new Uint8Array(own.secret), (chain) =>
      deriveNextChain(chain, own.epoch),
    )
    if (this.#own === own && this.#prepared === undefined) {
      this.#switchTo({ epoch, secret })
      return this.grant()
    }
    // The key changed meanwhile, or the source was closed: go on from what is there.
    secret.fill(0)
    return this.ratchet()
  }

  /**
   * Somebody leaves: the own key changes to random bytes that nobody has seen; a rotation that was prepared is given
   * up. You must bring the grant that is returned to everyone who stays, and to nobody else; until it arrives they
   * drop what you seal. spec K32
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_CLOSED`
   */
  rotate(): ParticipantKeyGrant {
    const { epoch } = this.#prepared ?? this.#requireOwn()
    const next = { epoch: nextEpoch(epoch, 1n), secret: randomSecret() }
    this.#forgetPrepared()
    this.#switchTo(next)
    return this.grant()
  }

  /**
   * Draws the key that {@link completeRotation} changes to, so that members can have it before anything is sealed under
   * it. Again, it is the same one. Who got the grant and leaves before is locked out by `rotate` alone. spec K32
   *
   * @throws E2eeError as `rotate`
   */
  prepareRotation(): ParticipantKeyGrant {
    const { epoch } = this.#requireOwn()
    this.#prepared ??= { epoch: nextEpoch(epoch, 1n), secret: randomSecret() }
    return this.#grantOf(this.#prepared)
  }

  /**
   * Seals under the key that was prepared; without one, as `rotate`. spec K32
   *
   * @throws E2eeError as `rotate`
   */
  completeRotation(): ParticipantKeyGrant {
    const prepared = this.#prepared
    if (prepared === undefined) return this.rotate()
    this.#prepared = undefined
    this.#switchTo(prepared)
    return this.grant()
  }

  /**
   * What lets somebody open what this participant seals from now on, over later ratchets too. You must `ratchet` first
   * for somebody who joins, and give its grant. spec K29
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_CLOSED`
   */
  grant(): ParticipantKeyGrant {
    return this.#grantOf(this.#requireOwn())
  }

  /**
   * What lets somebody open the current epoch alone: the next ratchet ends it. spec K29
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_CLOSED`
   */
  async grantEpoch(): Promise<ParticipantKeyGrant> {
    const { epoch, secret } = this.#requireOwn()
    const root = await withChain(new Uint8Array(secret), (chain) => deriveChainRoot(chain, epoch))
    const grant = new ParticipantKeyGrant(
      { participant: this.#self, epoch, following: false },
      root,
    )
    root.fill(0)
    return grant
  }

  /**
   * Seals under a key that the app gives to this participant and, by `setParticipantKey`, to all others.
   *
   * @param secret 32 uniformly random bytes; copied
   * @param epoch above the current one, if there is one
   * @throws TypeError, RangeError for a secret or an epoch that cannot be one
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setOwnKey(secret: Uint8Array, epoch: bigint): void {
    if (this.#closed) throw closedError()
    checkEpoch(epoch)
    const copy = copyBytes('secret', secret, CHAIN_SECRET_BYTES)
    if (this.#own !== undefined && epoch <= this.#own.epoch) {
      copy.fill(0)
      throw new RangeError(`"epoch" expected a later one than ${this.#own.epoch}, got ${epoch}`)
    }
    this.#forgetPrepared()
    this.#switchTo({ epoch, secret: copy })
  }

  /**
   * Takes what another participant granted. You must know that it comes from that participant: by a signature, or from a
   * channel that is the participant's own. The grant stays the caller's. spec K30
   *
   * @returns what became of it; what others send is never an exception
   * @throws TypeError for arguments that cannot be such, RangeError for one's own id
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setParticipantKey(participant: ParticipantId, grant: ParticipantKeyGrant): GrantOutcome {
    if (this.#closed) throw closedError()
    this.#checkPeer(participant)
    if (!(grant instanceof ParticipantKeyGrant)) {
      throw new TypeError(`"grant" expected ParticipantKeyGrant, got type=${typeof grant}`)
    }
    const { epoch } = grant
    if (grant.participant !== participant) return refused('another-participant')
    const known = this.#epochsBySender.get(participant)
    if (known?.current === epoch) return { type: 'known', epoch }
    if (known && epoch < known.current) return refused('old')
    if (epoch < (this.#minBySender.get(participant) ?? 0n)) return refused('old')
    if (!known && this.#epochsBySender.size >= MAX_PARTICIPANTS) {
      return refused('too-many-participants')
    }
    this.#begin(participant, epoch, startOf(grant))
    return { type: 'set', epoch }
  }

  /**
   * Participants left: their keys are dropped, and the own key rotates, so that they open nothing later. You must bring the
   * grant that is returned to everyone who stays. spec K32, K33
   *
   * @throws TypeError for ids that are none, RangeError for one's own
   * @throws E2eeError as `rotate`
   */
  removeParticipant(...participants: readonly ParticipantId[]): ParticipantKeyGrant {
    this.#requireOwn()
    for (const participant of participants) this.#checkPeer(participant)
    let grant: ParticipantKeyGrant
    try {
      this.forgetParticipant(...participants)
    } finally {
      grant = this.rotate()
    }
    return grant
  }

  /**
   * Drops the keys of participants: nothing of theirs opens any more. They still open what is sealed here, until the own
   * key rotates. spec K33
   *
   * @throws TypeError for ids that are none, RangeError for one's own
   */
  forgetParticipant(...participants: readonly ParticipantId[]): void {
    for (const participant of participants) this.#checkPeer(participant)
    const dropped = participants.flatMap((sender) => {
      const epochs = this.#epochsBySender.get(sender)
      if (epochs === undefined) return []
      this.#raiseMin(sender, epochs.inUse)
      this.#epochsBySender.delete(sender)
      return epochs.clear().map((epoch) => ({ epoch, sender }))
    })
    this.#emitRetired(dropped)
  }

  /**
   * Refuses earlier epochs of another participant, for good; what is held of them retires. A lower one than before changes
   * nothing. spec K33
   *
   * @throws TypeError, RangeError for arguments that cannot be such
   */
  setMinEpoch(epoch: bigint, participant: ParticipantId): void {
    checkEpoch(epoch)
    this.#checkPeer(participant)
    this.#raiseMin(participant, epoch)
    const epochs = this.#epochsBySender.get(participant)
    if (epochs === undefined) return
    if (epochs.current < epoch) this.#epochsBySender.delete(participant)
    const retired = epochs.current < epoch ? epochs.clear() : epochs.retire((held) => held < epoch)
    this.#emitRetired(retired.map((each) => ({ epoch: each, sender: participant })))
  }

  /**
   * Ends every epoch before those that participants seal in now, of all of them: nothing sealed in them opens any more, here. You must
   * call it some time after each change, when what was on its way has arrived: until then a thief of the device finds
   * the keys of up to 64 earlier epochs. spec K33
   */
  retireEarlier(): void {
    const retired = [...this.#epochsBySender].flatMap(([sender, epochs]) => {
      const { inUse } = epochs
      return epochs.retire((epoch) => epoch < inUse).map((epoch) => ({ epoch, sender }))
    })
    this.#emitRetired(retired)
  }

  async export(
    label: string,
    context: Uint8Array,
    length: number,
    epoch?: bigint,
    sender: ParticipantId = this.#self,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const epochs = this.#epochsBySender.get(sender)
    const chosen = epoch ?? epochs?.inUse ?? 0n
    const info = encodeExportInfo({ label, context, length, epoch: chosen })
    if (this.#closed) throw closedError()
    const root = epochs?.root(chosen)
    if (epochs === undefined || root === undefined) throw unknownEpochError(chosen)
    const key = await expand(await root, { info, length })
    if (epochs.has(chosen)) return key
    key.fill(0)
    throw unknownEpochError(chosen)
  }

  epochEndingIn(byte: number, sender: ParticipantId = this.#self): bigint | undefined {
    return this.#epochsBySender.get(sender)?.endingIn(byte)
  }

  confirm(epoch: bigint, sender: ParticipantId): void {
    const retired = this.#epochsBySender.get(sender)?.moveTo(epoch)
    if (retired !== undefined) this.#emit('epochChanged', { epoch, sender }, retired)
  }

  /** Those whose keys are held, with oneself. Nothing proves that others hold theirs. */
  members(): readonly Member[] {
    return Array.from(this.#epochsBySender.keys(), (id) => ({ id }))
  }

  properties(): KeySourceProperties {
    return {
      forwardSecrecy: true,
      postCompromise: false,
      senderAuth: false,
      rekeyOnLeave: true,
      memberAuth: false,
    }
  }

  on<T extends keyof KeySourceEvents>(
    type: T,
    handler: (event: KeySourceEvents[T]) => void,
  ): () => void {
    return this.#listeners.on(type, handler)
  }

  /** Drops all keys, for good. Closing again does nothing. spec K13 */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#own?.secret.fill(0)
    this.#own = undefined
    this.#forgetPrepared()
    const dropped = [...this.#epochsBySender].flatMap(([sender, epochs]) =>
      epochs.clear().map((epoch) => ({ epoch, sender })),
    )
    this.#epochsBySender.clear()
    try {
      this.#emitRetired(dropped)
    } finally {
      this.#listeners.clear()
    }
  }

  #checkPeer(participant: ParticipantId): void {
    checkParticipant('participant', participant)
    if (participant === this.#self) {
      throw new RangeError('"participant" expected another one than oneself')
    }
  }

  #requireOwn(): OwnKey {
    if (this.#closed) throw closedError()
    if (this.#own === undefined) throw unknownEpochError(0n)
    return this.#own
  }

  #grantOf(key: OwnKey): ParticipantKeyGrant {
    const { epoch, secret } = key
    const prepared = key === this.#prepared
    const participant = this.#self
    return new ParticipantKeyGrant({ participant, epoch, following: true, prepared }, secret)
  }

  /** Takes over the secret; the one before is overwritten. */
  #switchTo(own: OwnKey): void {
    this.#own?.secret.fill(0)
    this.#own = own
    const chain = importExpandKey(new Uint8Array(own.secret))
    const root = rootOf(chain, own.epoch)
    this.#begin(this.#self, own.epoch, { root, chain: undefined, prepared: false })
  }

  #begin(sender: ParticipantId, epoch: bigint, start: EpochStart): void {
    const epochs = this.#epochsBySender.get(sender)
    if (epochs === undefined) this.#epochsBySender.set(sender, new SenderEpochs(epoch, start))
    const retired = epochs?.advance(epoch, start) ?? []
    this.#emit(start.prepared ? 'epochAdded' : 'epochChanged', { epoch, sender }, retired)
  }

  #raiseMin(participant: ParticipantId, epoch: bigint): void {
    const min = this.#minBySender.get(participant) ?? 0n
    this.#minBySender.delete(participant)
    this.#minBySender.set(participant, epoch > min ? epoch : min)
    const [oldest] = this.#minBySender.keys()
    if (oldest !== undefined && this.#minBySender.size > MAX_PARTICIPANTS) {
      this.#minBySender.delete(oldest)
    }
  }

  #forgetPrepared(): void {
    this.#prepared?.secret.fill(0)
    this.#prepared = undefined
  }

  #emit(type: 'epochAdded' | 'epochChanged', event: EpochEvent, retired: readonly bigint[]): void {
    try {
      this.#listeners.emit(type, event)
    } finally {
      this.#emitRetired(retired.map((epoch) => ({ ...event, epoch })))
    }
  }

  /** spec K14 */
  #emitRetired(events: readonly EpochEvent[]): void {
    tryEach(events, (event) => this.#listeners.emit('epochRetired', event))
  }
}

/** The chain secret of the own epoch, which is also what is granted. */
interface OwnKey {
  readonly epoch: bigint
  readonly secret: Uint8Array<ArrayBuffer>
}

function startOf(grant: ParticipantKeyGrant): EpochStart {
  const key = importExpandKey(grant.unsafeExport())
  const { epoch, following, prepared } = grant
  return following
    ? { root: rootOf(key, epoch), chain: key, prepared }
    : { root: key, chain: undefined, prepared }
}

async function rootOf(chain: Promise<CryptoKey>, epoch: bigint): Promise<CryptoKey> {
  return importExpandKey(await deriveChainRoot(await chain, epoch))
}

/** The step always moves on, so that its last byte tells epochs apart. spec K27 */
function nextEpoch(epoch: bigint, generations: bigint): bigint {
  const { generation, step } = splitEpoch(epoch)
  const next = { generation: generation + generations, step: step + 1n }
  if (next.generation <= MAX_STEP && next.step <= MAX_STEP) return joinEpoch(next)
  throw new E2eeError(
    'ERR_E2EE_EXHAUSTED',
    { limit: 'stream' },
    { message: 'no epoch is left in this session' },
  )
}

const randomSecret = (): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(CHAIN_SECRET_BYTES))

const refused = (
  reason: Extract<GrantOutcome, { readonly type: 'refused' }>['reason'],
): GrantOutcome => ({ type: 'refused', reason })

const closedError = (): E2eeError<'ERR_E2EE_CLOSED'> => new E2eeError('ERR_E2EE_CLOSED', undefined)
