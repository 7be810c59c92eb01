/**
 * The keys of a room whose sessions have their own: this session's, which it gives to its roster, and those that it was
 * given, which end where their senders say. spec section 13
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { EnvelopeHeader, ParticipantKeySource } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import type { PeerStreams } from '../messages/peer-streams.ts'
import type { RoomMessagesOptions } from '../messages/room-messages-api.ts'
import { decodeKeyBody } from './key-body.ts'
import { KEY_LIMITS, type KeyLimits } from './key-schedule.ts'
import { OwnKeys } from './own-keys.ts'

/** The needs of {@link RoomKeys}. */
export interface RoomKeysOptions {
  /** Seals the stream to the room and the frames of this session; its owner closes it. */
  readonly source: ParticipantKeySource
  readonly self: ParticipantId
  readonly clock: Clock
  readonly limits?: Partial<KeyLimits> | undefined
}

/** The keys of a session that has its own to give; `undefined` where its application brings the keys. spec R45 */
export function roomKeysOf(
  { ownKeys, keyLimits, self, clock }: RoomMessagesOptions,
  peer: (id: ParticipantId) => PeerStreams | undefined,
): RoomKeys | undefined {
  return ownKeys && new RoomKeys({ source: ownKeys, self, clock, limits: keyLimits }, peer)
}

/** The keys of one session and of its peers. */
export class RoomKeys {
  /** The side that speaks. */
  readonly own: OwnKeys
  readonly #source: ParticipantKeySource
  readonly #clock: Clock
  readonly #endById = new Map<ParticipantId, KeyEnd>()
  /** The newest epoch that a participant granted or signed a message in. */
  readonly #inUseById = new Map<ParticipantId, bigint>()
  readonly #peers: (id: ParticipantId) => PeerStreams | undefined
  readonly #stop: () => void

  constructor(
    { source, self, clock, limits = {} }: RoomKeysOptions,
    peers: (id: ParticipantId) => PeerStreams | undefined,
  ) {
    this.own = new OwnKeys({ source, self, clock, limits: { ...KEY_LIMITS, ...limits } })
    this.#source = source
    this.#clock = clock
    this.#peers = peers
    this.#stop = source.on('epochChanged', ({ sender, epoch }) => {
      if (sender !== undefined && sender !== self) this.#inUse(sender, epoch)
    })
  }

  /** Whether a message of a participant may have the place and the epoch that its header claims. spec R55 */
  permits({ keyOrder }: PeerStreams, { audience, sequence, epoch }: EnvelopeHeader): boolean {
    return audience === 'direct' || keyOrder.permits(sequence, epoch)
  }

  /** Whether a message that did not open may wait for a key that is still to come. spec R57 */
  canWait({ keyOrder, confirmed }: PeerStreams, header: EnvelopeHeader): boolean {
    const { newest = -1n } = keyOrder
    return confirmed && header.audience === 'room' && header.epoch > newest
  }

  /** A message to the room opened. */
  opened(
    { id, keyOrder }: PeerStreams,
    place: { readonly sequence: number; readonly epoch: bigint },
  ): void {
    keyOrder.add(place.sequence, place.epoch)
    // It is signed: no other holder of the key moves it on. spec R56
    this.#inUse(id, place.epoch)
  }

  /** Takes a key that a participant gave, in its turn; `false` when it is none or not to be taken. spec R46 */
  take(peer: PeerStreams, turn: { readonly sequence: number; readonly body: Uint8Array }): boolean {
    const given = decodeKeyBody(turn.body)
    turn.body.fill(0)
    if (given === undefined) return false
    const { grant, from } = given
    const isTaken =
      peer.keyOrder.permits(from, grant.epoch) &&
      this.#source.setParticipantKey(peer.id, grant).type !== 'refused'
    grant.wipe()
    if (!isTaken) return false
    peer.keyOrder.add(from, grant.epoch)
    peer.newestKey = turn.sequence
    return true
  }

  /** Drops the keys of a participant that is remembered no more. */
  forget(id: ParticipantId): void {
    this.#clock.clearTimeout(this.#endById.get(id)?.timer)
    this.#endById.delete(id)
    this.#inUseById.delete(id)
    this.#source.forgetParticipant(id)
  }

  /** Ends all timers and events. */
  close(): void {
    this.own.close()
    this.#stop()
    for (const { timer } of this.#endById.values()) this.#clock.clearTimeout(timer)
    this.#endById.clear()
  }

  #inUse(id: ParticipantId, epoch: bigint): void {
    if (epoch <= (this.#inUseById.get(id) ?? -1n)) return
    this.#inUseById.set(id, epoch)
    const end = this.#endById.get(id)
    if (end === undefined) this.#endBefore(id, epoch)
    else end.next = epoch
  }

  /** Keys of a sender end when its frames under them are over, and all messages under them have come. spec R56 */
  #endBefore(id: ParticipantId, epoch: bigint): void {
    const over = (): void => {
      const next = this.#endById.get(id)?.next
      this.#endById.delete(id)
      const peer = this.#peers(id)
      if (peer?.room === undefined) return
      const { expected } = peer.room
      peer.keyOrder.passed(expected)
      const needed = peer.keyOrder.epochAt(expected)
      this.#source.setMinEpoch(needed < epoch ? needed : epoch, id)
      if (peer.confirmed && (next !== undefined || needed < epoch)) {
        this.#endBefore(id, next ?? epoch)
      }
    }
    const timer = this.#clock.setTimeout(over, FRAMES_END_MS)
    this.#endById.set(id, { timer, next: undefined })
  }
}

interface KeyEnd {
  readonly timer: unknown
  /** The epoch that came into use meanwhile. */
  next: bigint | undefined
}

/** As long as media opens frames of an earlier epoch. spec M15 */
const FRAMES_END_MS = 10_000
