import { createRandom } from '@conclave/base/testing'
import { randomParticipantId } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { KEY_LIMITS, KeySchedule, type KeyStep } from '../../src/keys/key-schedule.ts'

const PEOPLE = Array.from({ length: 5 }, () => randomParticipantId())
const HISTORIES = 4000

test('[R47, R49, R52, R54] a frame is open only to those who are in the roster or leaving while it is sealed', () => {
  for (let seed = 0; seed < HISTORIES; seed += 1) {
    const opened = new SendingSession(seed).play()
    expect({ seed, opened }).toEqual({ seed, opened: [] })
  }
})

/** Frames that were sealed under one key, and those whom the roster showed at each of them. */
interface SealedFrames {
  readonly generation: number
  readonly step: number
  shown: ReadonlySet<ParticipantId>
}

/** A session that sends media while others come and go, also between the parts of each step. */
class SendingSession {
  readonly #random: () => number
  readonly #schedule = new KeySchedule(KEY_LIMITS, 0)
  readonly #roster = new Set<ParticipantId>()
  readonly #leaving = new Set<ParticipantId>()
  /** Those to whom a connection may stand: frames go out for them. */
  readonly #connected = new Set<ParticipantId>()
  /** All keys that somebody was ever given. */
  readonly #given: { readonly id: ParticipantId; readonly key: Key }[] = []
  readonly #frames: SealedFrames[] = []
  #nowMs = 0
  #isOn = false
  #isSent = false
  #generations = 0
  #key: Key = { generation: 0, step: 0 }
  #prepared: Key | undefined
  /** Keys under which the worker may still seal. */
  #last: Key[] = []

  constructor(seed: number) {
    this.#random = createRandom(seed)
  }

  /** Answers the frames that are open to somebody to whom they are to be closed. */
  play(): readonly unknown[] {
    for (let tick = 0; tick < 60; tick += 1) {
      this.#event()
      if (this.#schedule.isUrgent || this.#chance(0.3)) this.#takeSteps()
      this.#nowMs += Math.floor(this.#random() ** 3 * (this.#chance(0.2) ? 5000 : 200))
      this.#seal()
    }
    return this.#frames.flatMap(({ generation, step, shown }) =>
      this.#given
        .filter(({ key }) => key.generation === generation && key.step <= step)
        .filter(({ id }) => !shown.has(id)),
    )
  }

  /** Somebody comes, leaves, or says that a key got lost; a source is turned on or off. */
  #event(): void {
    const person = PEOPLE[Math.floor(this.#random() * PEOPLE.length)] as ParticipantId
    if (this.#chance(0.15)) {
      this.#isOn = !this.#isOn
      this.#isSent &&= this.#isOn
      this.#schedule.media(this.#isOn)
    } else if (!this.#roster.has(person)) {
      this.#roster.add(person)
      this.#leaving.delete(person)
      this.#schedule.entered(person)
    } else if (this.#chance(0.3)) this.#schedule.missed(person)
    else {
      this.#roster.delete(person)
      this.#connected.delete(person)
      if (!this.#schedule.left(person, this.#nowMs)) this.#leaving.add(person)
    }
    this.#seal()
  }

  /** As `OwnKeys` takes them; something may happen while a key is derived, and while it is sealed. */
  #takeSteps(): void {
    for (;;) {
      const step = this.#schedule.next(this.#nowMs, () => true)
      if (step.type === 'ready' || step.type === 'wait') break
      this.#take(step)
      this.#seal()
    }
    for (const id of this.#roster) this.#connected.add(id)
    this.#seal()
  }

  #take(step: Exclude<KeyStep, { type: 'ready' | 'wait' }>): void {
    if (step.type === 'end') {
      this.#last = []
      this.#schedule.ended()
      for (const id of step.gone) this.#leaving.delete(id)
      return
    }
    if (step.type === 'complete') {
      if (this.#prepared === undefined) throw new Error('expected a prepared key')
      this.#change(this.#prepared)
      this.#prepared = undefined
      return this.#schedule.changed('complete', this.#nowMs)
    }
    const { change, to } = step
    if (change === 'prepare-afresh' || (change === 'prepare' && this.#prepared === undefined)) {
      this.#prepared = this.#fresh()
    }
    if (change === 'rotate') this.#change(this.#fresh())
    if (this.#chance(0.3)) this.#event()
    if (change === 'ratchet') this.#change({ ...this.#key, step: this.#key.step + 1 })
    this.#schedule.changed(change, this.#nowMs)
    const key = change.startsWith('prepare') ? this.#prepared : this.#key
    if (key === undefined) throw new Error('expected a prepared key')
    for (const id of to) if (this.#schedule.given(id)) this.#given.push({ id, key })
    if (this.#chance(0.3)) this.#event()
  }

  #change(key: Key): void {
    this.#last.push(this.#key)
    this.#key = key
  }

  #fresh(): Key {
    this.#generations += 1
    return { generation: this.#generations, step: 0 }
  }

  #seal(): void {
    const { isOpenToLeavers } = this.#schedule
    this.#isSent ||= this.#isOn && !isOpenToLeavers
    if (!this.#isSent || ![...this.#connected].some((id) => this.#roster.has(id))) return
    this.#schedule.framesSealed(1)
    const shown = new Set([...this.#roster, ...this.#leaving])
    for (const key of [...this.#last, this.#key]) {
      const frames = this.#frames.find(
        ({ generation, step }) => generation === key.generation && step === key.step,
      )
      if (frames === undefined) this.#frames.push({ ...key, shown })
      else frames.shown = new Set([...shown].filter((id) => frames.shown.has(id)))
    }
  }

  #chance(part: number): boolean {
    return this.#random() < part
  }
}

interface Key {
  readonly generation: number
  readonly step: number
}
