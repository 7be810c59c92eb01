/**
 * A hub that shows each group of sessions another room.
 *
 * @module
 */
import type { Room } from '@conclave/client'
import type { LocalHub } from '@conclave/client/testing'
import { Partition } from '../rules/losses.ts'
import { inTurn } from '../rules/rule.ts'

/**
 * Tells the sessions of each group that those of the others left, and delivers nothing between them: each group sees
 * itself only. Messages within a group still go through the hub's rule.
 *
 * @returns tells everybody that the others are back, and delivers again
 */
export function splitView(hub: LocalHub, ...groups: readonly (readonly Room[])[]): () => void {
  const partition = new Partition()
  const before = hub.rule
  partition.split(...groups.map((group) => group.map(({ self }) => self.id)))
  hub.rule = before === undefined ? partition.rule : inTurn(partition.rule, before)
  const tellAll = (type: 'participantLeft' | 'participantJoined'): void => {
    const all = groups.flat().map(({ self }) => self.id)
    for (const id of all) {
      for (const participant of all) {
        if (!partition.separates(id, participant)) continue
        if (type === 'participantJoined') hub.session(id)?.tell(type, { participant })
        else hub.session(id)?.tell(type, { participant, reason: 'left' })
      }
    }
  }
  tellAll('participantLeft')
  return () => {
    hub.rule = before
    tellAll('participantJoined')
    partition.heal()
  }
}
