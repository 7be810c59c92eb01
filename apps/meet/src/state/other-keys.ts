/**
 * Those who come under the name of a confirmed person, and are somebody else.
 *
 * @module
 */
import { type ReadonlySignal, effect } from '@preact/signals'
import type { Notices } from './notices.ts'
import type { Person } from './roster.ts'

/** Shows a notice for each of them, once, until the returned function is called. */
export function watchOtherKeys(
  people: ReadonlySignal<readonly Person[]>,
  notices: Notices,
): () => void {
  let told: ReadonlySet<string> = new Set()
  return effect(() => {
    const others = people.value.filter(({ confirmation }) => confirmation === 'other-key')
    for (const { id, name } of others) {
      if (!told.has(id)) notices.show({ type: 'other-key', name })
    }
    told = new Set(others.map(({ id }) => id))
  })
}
