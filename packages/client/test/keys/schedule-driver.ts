/** A schedule whose steps are taken as the outgoing queue takes them. */
import type { ParticipantId } from '@conclave/wire'
import { type KeyLimits, KeySchedule, type KeyStep } from '../../src/keys/key-schedule.ts'

/** A schedule, its time, and those whom no key can reach. */
export class ScheduleDriver {
  readonly schedule: KeySchedule
  readonly unreachable: Set<ParticipantId> = new Set()
  nowMs = 0

  constructor(limits: KeyLimits) {
    this.schedule = new KeySchedule(limits, this.nowMs)
  }

  enter(...ids: readonly ParticipantId[]): void {
    for (const id of ids) this.schedule.entered(id)
  }

  /** Answers whether the participant is gone at once. */
  leave(id: ParticipantId): boolean {
    return this.schedule.left(id, this.nowMs)
  }

  pass(byMs: number): void {
    this.nowMs += byMs
  }

  /** The step that is due, if it gives a key; it is not taken further than the change. */
  begin(): Extract<KeyStep, { type: 'give' }> {
    const step = this.schedule.next(this.nowMs, () => true)
    if (step.type !== 'give') throw new Error('expected a key to give')
    this.schedule.changed(step.change, this.nowMs)
    return step
  }

  /** Takes all steps that are due. */
  take(): KeyStep[] {
    const { schedule, nowMs, unreachable } = this
    const taken: KeyStep[] = []
    for (;;) {
      const step = schedule.next(nowMs, (id) => !unreachable.has(id))
      taken.push(step)
      if (taken.length > 50) throw new Error('the steps have no end')
      if (step.type === 'ready' || step.type === 'wait') return taken
      if (step.type === 'complete') schedule.changed('complete', nowMs)
      if (step.type === 'end') schedule.ended()
      if (step.type !== 'give') continue
      schedule.changed(step.change, nowMs)
      for (const id of step.to) schedule.given(id)
    }
  }

  /** As {@link take}; steps without content by their type. */
  steps(): unknown[] {
    return this.take().map((step) =>
      step.type === 'wait' || step.type === 'give' ? step : step.type,
    )
  }

  /** Seals a message to the room, if it is time. */
  say(): unknown[] {
    const taken = this.steps()
    if (taken.at(-1) === 'ready') this.schedule.messageSealed()
    return taken
  }
}

/** The step that gives a key to these participants. */
export function give(change: string, ...to: readonly ParticipantId[]): unknown {
  return { type: 'give', change, to }
}
