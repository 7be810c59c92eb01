/**
 * The room's snapshot as a signal, so that view models compute from it instead of keeping copies.
 *
 * @module
 */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { CallPort, CallSnapshot } from './client-port.ts'

/** Follows a room until `stop` is called. */
export function followRoom(room: CallPort): {
  readonly snapshot: ReadonlySignal<CallSnapshot>
  readonly stop: () => void
} {
  const snapshot = signal(room.snapshot)
  const stop = room.subscribe(() => {
    snapshot.value = room.snapshot
  })
  return { snapshot, stop }
}
