/** Sessions that compare whom they see, over streams whose deliveries a test makes by hand. */
import { VirtualClock } from '@conclave/base/testing'
import { SharedKeySource } from '@conclave/e2ee'
import {
  type RoomCodeMember,
  type SessionKeys,
  certifySession,
  createSessionKeys,
} from '@conclave/e2ee/session'
import { generateSigningKeys } from '@conclave/e2ee/signing'
import type { ParticipantId } from '@conclave/wire'
import { decodeRoundPart } from '../../src/persons/room-code-bodies.ts'
import { type RoomCode, RoomCodeRounds } from '../../src/persons/room-code-rounds.ts'
import { ROOM, SECRET } from '../messages/session-parts.ts'

/** One session with its view of the roster. */
export interface Comparer {
  readonly name: string
  readonly member: RoomCodeMember
  readonly rounds: RoomCodeRounds
  /** The others that it has in its roster. */
  readonly sees: Set<Comparer>
  readonly codes: RoomCode[]
  /** Messages that its network refuses. */
  refused: number
}

/** A message on its way. */
interface Waiting {
  readonly from: Comparer
  readonly to: Comparer
  readonly kind: number
  readonly body: Uint8Array
}

export class CodeStand {
  readonly clock = new VirtualClock()
  readonly comparers: Comparer[] = []
  /** By sender and receiver, in order. */
  readonly streams = new Map<string, Waiting[]>()
  /** Everything that was sent, in order. */
  readonly sent: { readonly by: string; readonly kind: number; readonly round: number }[] = []
  /** Those who were asked whether something got lost. */
  readonly asked: { readonly by: string; readonly participants: readonly ParticipantId[] }[] = []
  readonly failures: unknown[] = []
  /** The digest of sessions that was sent last. */
  newestRoster = ''

  async add(name: string, session?: SessionKeys): Promise<Comparer> {
    const { id, signingKey } = session ?? (await createSessionKeys())
    const { personKey } = await certifySession(await generateSigningKeys(), {
      room: ROOM,
      signingKey,
    })
    const member = { id, signingKey, personKey }
    const codes: RoomCode[] = []
    const sees = new Set<Comparer>()
    const rounds = new RoomCodeRounds({
      ...{ room: ROOM, self: member, clock: this.clock },
      root: new SharedKeySource(Uint8Array.from(SECRET)),
      broadcast: async (kind, body) => this.#broadcast(comparer, kind, body),
      ask: (participants) => void this.asked.push({ by: name, participants }),
      changed: (code) => codes.push(code),
      failed: (error) => this.failures.push(error),
    })
    const comparer: Comparer = { name, member, rounds, sees, codes, refused: 0 }
    this.comparers.push(comparer)
    return comparer
  }

  /** One session lets another into its roster, or drops it. */
  see(comparer: Comparer, other: Comparer, isThere = true): void {
    if (comparer.sees.has(other) === isThere) return
    if (isThere) comparer.sees.add(other)
    else comparer.sees.delete(other)
    if (isThere) comparer.rounds.join(other.member)
    else comparer.rounds.leave(other.member.id)
  }

  /** All of these see each other. */
  meet(...comparers: readonly Comparer[]): void {
    for (const one of comparers)
      for (const other of comparers) if (one !== other) this.see(one, other)
  }

  /** Delivers one message of a stream; `false` when none waits. */
  deliver(key: string): boolean {
    const stream = this.streams.get(key)
    const message = stream?.[0]
    // A session that is not in the roster is heard when it is, from where it stood. spec R12, R15
    if (message === undefined || !message.to.sees.has(message.from)) return false
    stream?.shift()
    message.to.rounds.receive(message.from.member.id, message.kind, message.body)
    return true
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) {
      await Promise.all(this.comparers.map(({ rounds }) => rounds.settled))
    }
  }

  /** Lets time pass, and delivers everything at once. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 50) {
      this.clock.advance(50)
      let isMore = true
      while (isMore) {
        await this.settle()
        isMore = [...this.streams.keys()].map((key) => this.deliver(key)).some(Boolean)
      }
    }
  }

  #broadcast(from: Comparer, kind: number, body: Uint8Array): void {
    if (from.refused > 0) {
      from.refused -= 1
      throw new Error('no space')
    }
    const { round = 0, roster = '' } = decodeRoundPart(body) ?? {}
    this.newestRoster = roster
    this.sent.push({ by: from.name, kind, round })
    for (const to of from.sees) {
      const key = `${from.name} ${to.name}`
      const stream = this.streams.get(key) ?? []
      this.streams.set(key, stream)
      stream.push({ from, to, kind, body })
    }
  }
}

/** The digits that a session shows; `undefined` while it shows none. */
export const digitsOf = ({ rounds }: Comparer): string | undefined =>
  rounds.code.state === 'ready' ? rounds.code.digits : undefined
