/**
 * Delivers the messages of other sessions in their turn, from where their streams begin for this one. spec R8, R9
 *
 * @module
 */
import type { Emitter } from '@conclave/base'
import type { Sealer } from '@conclave/e2ee'
import type { RoomKeys } from '../keys/room-keys.ts'
import { type Hello, MESSAGE_KINDS, decodeInfo } from './bodies.ts'
import type { PeerStreams, Turn } from './peer-streams.ts'
import { type Ordered, ReceiveOrder } from './receive-order.ts'
import type { DropReason } from './drop-reason.ts'
import type { RoomMessagesEvents } from './room-messages-api.ts'

/** The needs of {@link StreamDelivery}. */
export interface StreamDeliveryOptions {
  readonly sealer: Sealer
  readonly keys: RoomKeys | undefined
  readonly events: Pick<Emitter<RoomMessagesEvents>, 'emit'>
  readonly drop: (reason: DropReason, count?: number) => void
}

/** Hands messages on, or the keys that they give. */
export class StreamDelivery {
  readonly #options: StreamDeliveryOptions

  constructor(options: StreamDeliveryOptions) {
    this.#options = options
  }

  /** Begins the streams of a session, passes what it does not repeat, and learns what it has said. spec R9, R53 */
  place(peer: PeerStreams, { first, oldest, next, missed }: Hello): void {
    if (peer.room === undefined) {
      peer.room = new ReceiveOrder(first.room)
      this.#options.sealer.expect(peer.id, 'room', BigInt(first.room))
    }
    // It may be known only now where the stream begins: its sender had not let this session in before. spec R12
    this.deliver(peer, { ...peer.room.skipTo(first.room), lost: 0 })
    this.deliver(peer, peer.room.miss(missed))
    const passed = peer.room.skipTo(oldest.room)
    peer.gaveUp(passed.lost)
    this.deliver(peer, passed)
    peer.room.expectUntil(next.room)
    for (const skipped of [
      peer.direct.skipTo(oldest.direct),
      { ...peer.direct.skipTo(first.direct), lost: 0 },
    ]) {
      this.takeKeys(peer, skipped)
      this.deliver(peer, skipped)
    }
  }

  /** Hands on messages whose turn it is, but for keys. */
  deliver({ id }: PeerStreams, { ready, lost, missed, passed }: Ordered<Turn | undefined>): void {
    const { events, drop } = this.#options
    if (lost > 0) drop('lost', lost)
    if (missed > 0) drop('missed', missed)
    for (const [from, to, chat] of passed) {
      if (chat > 0) events.emit('missed', { participant: id, from, to, chat })
    }
    for (const turn of ready) {
      if (turn === undefined || isKey(turn)) continue
      if (turn.kind === MESSAGE_KINDS.state) {
        const info = decodeInfo(turn.body)
        if (info === undefined) drop('malformed-body')
        else events.emit('info', { participant: id, info })
      } else {
        events.emit('message', { from: id, ...turn })
      }
    }
  }

  /** Takes the keys among messages whose turn it is. spec R46 */
  takeKeys(peer: PeerStreams, { ready }: Pick<Ordered<Turn | undefined>, 'ready'>): void {
    const { keys, drop } = this.#options
    for (const turn of ready) {
      if (turn === undefined || !isKey(turn)) continue
      if (keys?.take(peer, turn) !== true) drop('refused-key')
    }
  }
}

const isKey = ({ kind, audience }: Turn): boolean =>
  kind === MESSAGE_KINDS.key && audience === 'direct'
