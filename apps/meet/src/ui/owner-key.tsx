/**
 * The part of a page about the owner's key, which is loaded when it is first shown.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import type * as Part from './owner-key-view.tsx'

/** Shows the owner the key for another device, and lets anybody else enter it. */
export function OwnerKey(props: {
  readonly entry: Entry
  readonly call: Call
}): JSX.Element | null {
  const part = useSignal<typeof Part | undefined>(undefined)
  useEffect(() => {
    const load = async (): Promise<void> => {
      part.value = await import('./owner-key-view.tsx')
    }
    // Everything else on the page works without it.
    load().catch(() => {})
  }, [])
  if (part.value === undefined) return null
  const { MoveOwnerKey, EnterOwnerKey } = part.value
  const isHost = props.call.authority.view.value.role === 'owner'
  return isHost ? <MoveOwnerKey call={props.call} /> : <EnterOwnerKey entry={props.entry} />
}
