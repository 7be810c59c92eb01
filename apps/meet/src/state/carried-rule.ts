/**
 * The rule of a room in the room of its new link, which begins open: those who go on there come in first.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { RoomRule } from '@conclave/client'
import type { CallPort } from './client-port.ts'

/** The rule of a room that is given a new link. */
export interface CarriedRule {
  readonly rule: RoomRule
  readonly history: 'none' | 'call'
  /** How many others go on with it. */
  readonly others: number
}

/** The rule of a room as it is. */
export function ruleOf({ snapshot }: Pick<CallPort, 'snapshot'>): CarriedRule {
  const { authority, participants } = snapshot
  const { rule, history } = authority
  return { rule, history, others: participants.size }
}

/** Sets the rule in the next room when all are there, and after 15 s at the latest. */
export function carryRule(
  room: Pick<CallPort, 'snapshot' | 'subscribe' | 'authority'>,
  { carried, clock }: { readonly carried: CarriedRule; readonly clock: Clock },
): void {
  const { rule, history, others } = carried
  const isHere = (): boolean => room.snapshot.state !== 'left'
  const set = async (): Promise<void> => {
    stop()
    clock.clearTimeout(timer)
    const { authority } = room
    // A statement that fails is missing in the view of the rule, where the owner says it again.
    if (isHere() && history !== 'none') await authority.setHistory(history).catch(() => undefined)
    if (isHere() && rule !== 'open') await authority.setRule(rule).catch(() => undefined)
  }
  const stop = room.subscribe(() => {
    if (!isHere() || room.snapshot.participants.size >= others) void set()
  })
  const timer = clock.setTimeout(() => void set(), ARRIVAL_MS)
}

const ARRIVAL_MS = 15_000
