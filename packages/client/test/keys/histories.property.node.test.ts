import { createRandom } from '@conclave/base/testing'
import { ParticipantKeyGrant, ParticipantKeySource, createSealer } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import fc from 'fast-check'
import { deepStrictEqual, ok } from 'node:assert/strict'
import { expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import type { Delivery } from '../../src/testing/local-hub.ts'
import { ROOM } from '../messages/session-parts.ts'
import { KeyedRoom, type Member, text } from './keyed-room.ts'

test(
  '[R47, R49, R52, R53, R57] everybody in a speaker’s roster reads all that it says, and nobody else reads anything',
  { timeout: 600_000 },
  async () => {
    const histories = fc.record({
      seed: fc.nat(),
      members: fc.integer({ min: 2, max: 4 }),
      ticks: fc.integer({ min: 5, max: 16 }),
      loss: fc.constantFrom(0, 0, 0.1, 0.4),
      delay: fc.constantFrom(0, 0.3, 0.6),
      copy: fc.constantFrom(0, 0.2),
      change: fc.constantFrom(0.05, 0.2),
      longestTickMs: fc.constantFrom(200, 1500, 12_000),
      media: fc.boolean(),
    })
    const played = fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const room = new PlayedHistory(history)
        await room.play()
        room.expectAllHeard()
        await room.expectNothingElseOpens()
        room.close()
      }),
      {
        seed: 46,
        // A thousand, as `HISTORIES` asks for them, take minutes.
        numRuns: Number(process.env['HISTORIES'] ?? 300),
        endOnFailure: true,
      },
    )
    await expect(played).resolves.toBeUndefined()
  },
)

interface History {
  readonly seed: number
  readonly members: number
  readonly ticks: number
  /** The parts of the deliveries that are lost and delayed; `copy` is the part that comes twice. */
  readonly loss: number
  readonly delay: number
  readonly copy: number
  /** How often somebody joins, leaves, is removed, or loses its connection, for each tick. */
  readonly change: number
  readonly longestTickMs: number
  /** Whether some send media. */
  readonly media: boolean
}

/** Something that was sealed, with those who may open it. */
interface Sealed {
  readonly by: ParticipantId
  readonly epoch: bigint
  readonly to: ReadonlySet<ParticipantId>
  readonly text: string
}

/** A member and everything that it was ever given: an attacker who forgets nothing. */
interface Player {
  readonly member: Member
  readonly grants: { readonly of: ParticipantId; readonly grant: ParticipantKeyGrant }[]
  isGone: boolean
  awayUntilMs: number | undefined
  /** Whether a source is on, and whether its frames are sent. */
  hasMedia: boolean
  sendsMedia: boolean
  said: number
}

class PlayedHistory {
  readonly #history: History
  readonly #room = new KeyedRoom()
  readonly #random: () => number
  readonly #players: Player[] = []
  readonly #sealed: Sealed[] = []
  readonly #messages: { readonly sealed: Sealed; readonly bytes: Uint8Array }[] = []

  constructor(history: History) {
    this.#history = history
    this.#random = createRandom(history.seed)
  }

  async play(): Promise<void> {
    const { members, ticks, longestTickMs } = this.#history
    for (let n = 0; n < members; n += 1) await this.#join()
    let late: Delivery[] = []
    for (let tick = 0; tick < ticks; tick += 1) {
      await this.#change()
      this.#sealFrames()
      for (const player of this.#present()) if (this.#chance(0.4)) this.#say(player)
      await this.#room.settle()
      late = this.#deliver([...this.#room.hub.queue.splice(0), ...late])
      await this.#room.settle()
      this.#sealFrames()
      this.#room.clock.advance(10 + longestTickMs * this.#random())
    }
    for (const player of this.#players) this.#comeBack(player)
    this.#room.hub.queue.unshift(...late)
    await this.#room.pass(CALM_MS)
  }

  /** Those who are in the roster of a speaker at the end, and were when it spoke, have heard it. */
  expectAllHeard(): void {
    const stays = new Map(this.#staying().map(({ member }) => [member.self, member]))
    for (const { by, to, text: said } of this.#sealed) {
      for (const id of stays.has(by) && said !== '' ? to : []) {
        const member = stays.get(id)
        if (member !== undefined) ok(member.heard.includes(said), `nobody told ${id}: ${said}`)
      }
    }
    for (const { heard } of stays.values()) deepStrictEqual(heard, [...new Set(heard)])
  }

  /** The attacker has the link, all bytes and every key that it was ever given. */
  async expectNothingElseOpens(): Promise<void> {
    for (const { member, grants } of this.#players) {
      for (const { by, epoch, to, text: said } of this.#sealed) {
        if (by === member.self || to.has(member.self)) continue
        ok(said === '' || !member.heard.includes(said))
        const opening = grants.filter(({ of, grant }) => of === by && opens(grant, epoch))
        deepStrictEqual(opening, [])
      }
    }
    if (this.#history.seed % 20 === 0) await this.#expectNoneToOpen()
  }

  close(): void {
    for (const { member } of this.#players) member.messages.close()
  }

  /** As above, with the sealed bytes and the keys themselves. */
  async #expectNoneToOpen(): Promise<void> {
    for (const { member, grants } of this.#players) {
      for (const { sealed, bytes } of this.#messages) {
        if (sealed.by === member.self || sealed.to.has(member.self)) continue
        for (const { of, grant } of grants) {
          if (of !== sealed.by) continue
          const keys = new ParticipantKeySource(member.self)
          keys.setParticipantKey(of, grant)
          const sealer = createSealer({ keys, room: ROOM, unsafeSelf: member.self })
          deepStrictEqual((await sealer.open(of, bytes)).type, 'dropped')
        }
      }
    }
  }

  async #join(): Promise<void> {
    const member = await this.#room.join()
    const player: Player = {
      ...{ member, grants: [], isGone: false, awayUntilMs: undefined, said: 0 },
      ...{ hasMedia: false, sendsMedia: false },
    }
    const { sealer, ownKeys } = member
    const setParticipantKey = ownKeys.setParticipantKey.bind(ownKeys)
    ownKeys.setParticipantKey = (of, grant) => {
      player.grants.push({ of, grant: copyOf(grant) })
      return setParticipantKey(of, grant)
    }
    const seal = sealer.seal.bind(sealer)
    sealer.seal = async (options, body) => {
      if (options.to !== undefined) return seal(options, body)
      const sealed = this.#note(player, new TextDecoder().decode(body))
      const result = await seal(options, body)
      this.#messages.push({ sealed, bytes: result.bytes })
      return result
    }
    this.#players.push(player)
    if (this.#history.media && this.#chance(0.5)) this.#turnMedia(player)
  }

  /** As a source is turned on and off, which is sent when its key is closed to all who left. */
  #turnMedia(player: Player): void {
    const { ownKeys } = player.member.messages
    player.hasMedia = !player.hasMedia
    player.sendsMedia = false
    ownKeys?.media(player.hasMedia)
    ownKeys?.whenClosedToLeavers(() => {
      player.sendsMedia = player.hasMedia
    })
  }

  #note({ member }: Player, said: string): Sealed {
    const to = new Set(member.roster)
    const sealed = { by: member.self, epoch: member.ownKeys.epoch, to, text: said }
    this.#sealed.push(sealed)
    return sealed
  }

  async #change(): Promise<void> {
    const { change } = this.#history
    if (this.#players.length < 7 && this.#chance(change)) await this.#join()
    for (const player of this.#players) {
      const { member, awayUntilMs } = player
      if (player.isGone) continue
      if (this.#history.media && this.#chance(change)) this.#turnMedia(player)
      if (awayUntilMs !== undefined && this.#room.clock.now() >= awayUntilMs) this.#comeBack(player)
      else if (awayUntilMs === undefined && this.#chance(change)) {
        const isBlackout = this.#chance(0.6)
        if (isBlackout) {
          member.transport.lose()
          player.awayUntilMs = this.#room.clock.now() + 120_000 * this.#random() ** 2
        } else {
          // Who leaves and who is removed are the same to the others; its connection ends for good.
          member.transport.close()
          player.isGone = true
        }
      }
    }
  }

  #comeBack(player: Player): void {
    if (player.awayUntilMs === undefined || player.isGone) return
    player.awayUntilMs = undefined
    this.#room.hub.connect(player.member.transport)
  }

  #say(player: Player): void {
    player.said += 1
    const said = text(`${this.#players.indexOf(player)} says ${player.said}`)
    player.member.messages.broadcast(MESSAGE_KINDS.chat, said).sent.catch(() => {})
  }

  /** Those who may still see frames are in the roster, or leave it. */
  #sealFrames(): void {
    for (const player of this.#present()) {
      if (!player.sendsMedia || player.member.roster.length === 0) continue
      this.#note(player, '')
      player.member.messages.ownKeys?.framesSealed(1)
    }
  }

  #deliver(due: readonly Delivery[]): Delivery[] {
    const { loss, delay, copy } = this.#history
    const late: Delivery[] = []
    const shuffled = delay > 0 ? due.toSorted(() => this.#random() - 0.5) : due
    for (const delivery of shuffled) {
      const isLate = this.#chance(delay)
      if (this.#chance(loss)) continue
      if (isLate || this.#chance(copy)) late.push(delivery)
      if (!isLate) this.#room.hub.invent(delivery)
    }
    return late
  }

  #present(): readonly Player[] {
    return this.#players.filter(({ isGone }) => !isGone)
  }

  /** Those who are here at the end, and whom all who are here have in their rosters. */
  #staying(): readonly Player[] {
    const present = this.#present()
    for (const { member } of present) {
      const others = present.filter((other) => other.member !== member)
      const met = others.map((other) => other.member.self)
      // Whoever left while this member was away is away for it.
      deepStrictEqual(member.roster.filter((id) => met.includes(id)).toSorted(), met.toSorted())
    }
    return present
  }

  #chance(part: number): boolean {
    return this.#random() < part
  }
}

/** Whether the holder of a grant can derive the key of an epoch: in its generation, from its step on. */
const opens = (grant: ParticipantKeyGrant, epoch: bigint): boolean =>
  grant.epoch >> 32n === epoch >> 32n && grant.epoch <= epoch

const copyOf = (grant: ParticipantKeyGrant): ParticipantKeyGrant =>
  new ParticipantKeyGrant(grant, grant.unsafeExport())

/** A change that waits for its second, and then 2 s for what is missing (R29). */
const CALM_MS = 4000
