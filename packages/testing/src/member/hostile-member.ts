/**
 * A member that means harm.
 *
 * @module
 */
import { createRandom } from '@conclave/base/testing'
import type { RoomOptions, RoomTarget } from '@conclave/client'
import { RawSession } from '@conclave/client/testing'
import type { ParticipantId } from '@conclave/wire'
import { FLOODS, type FloodName } from './floods.ts'
import { smallOffer } from './hostile-descriptions.ts'

/** How a {@link HostileMember} floods. */
export interface FloodOptions {
  readonly victim: ParticipantId
  /** How many messages it says. */
  readonly times: number
  /** The number of the first one, if a flood goes on; 0 by default. */
  readonly first?: number
  /** Waited for between two messages; by default, one turn of the event loop. */
  readonly pause?: () => Promise<void>
}

/** A member with the link of a room, which floods, poses as others and answers nothing. */
export class HostileMember {
  /** Its session, to say anything else. */
  readonly session: RawSession
  readonly #random: () => number

  get [Symbol.toStringTag](): string {
    return 'HostileMember'
  }

  /** @param options.seed repeats what it does by chance */
  constructor(session: RawSession, { seed = 1 }: { readonly seed?: number } = {}) {
    this.session = session
    this.#random = createRandom(seed)
  }

  /** Joins a room, with the options of one. */
  static async join(
    target: string | RoomTarget,
    { seed = 1, ...options }: RoomOptions & { readonly seed?: number } = {},
  ): Promise<HostileMember> {
    const session = await RawSession.join(target, { name: 'Mallory', ...options })
    return new HostileMember(session, { seed })
  }

  /**
   * Says many messages of one kind. Resolves with how many of them the transport took: one that is full refuses more.
   * Connections are those that the victim asked for last: without one, it asks nothing of theirs.
   */
  async flood(
    name: FloodName,
    { victim, times, first = 0, pause = turn }: FloodOptions,
  ): Promise<number> {
    const { session } = this
    const connection = this.connectionWith(victim)
    if (name === 'candidates' && connection !== undefined && first === 0) {
      await session.signal(victim, 'receiver', smallOffer(connection))
    }
    const context = { session, victim, random: this.#random, connection }
    let taken = 0
    for (let at = first; at < first + times; at += 1) {
      const said = FLOODS[name](context, at)
      taken += await said.then(
        () => 1,
        () => 0,
      )
      await pause()
    }
    return taken
  }

  /** The connection that a participant asked this member for last. */
  connectionWith(participant: ParticipantId): string | undefined {
    const invoke = this.session.lastSignal(participant, 'invoke')
    const name = invoke?.['connection']
    return typeof name === 'string' ? name : undefined
  }

  /** Leaves. */
  leave(): void {
    this.session.leave()
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
