/**
 * The button that makes a room.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useServices } from './app-context.ts'
import { strings } from './strings.ts'

/** Makes a room and goes to its lobby; `quiet` where something else is the main way on. */
export function NewRoomButton(props: {
  readonly label: string
  readonly quiet?: boolean
}): JSX.Element {
  const { app } = useServices()
  const state = useSignal<'idle' | 'making' | 'failed'>('idle')
  const create = async (): Promise<void> => {
    state.value = 'making'
    try {
      await app.createRoom()
      state.value = 'idle'
    } catch {
      state.value = 'failed'
    }
  }
  return (
    <>
      <button
        type="button"
        class={props.quiet === true ? 'button' : 'button is-primary is-large'}
        disabled={state.value === 'making'}
        onClick={() => void create()}
      >
        {props.label}
      </button>
      {state.value === 'failed' && (
        <p class="field-error" role="alert">
          {strings.start.failed}
        </p>
      )}
    </>
  )
}
