/**
 * The question before Back ends a call.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import { strings } from './strings.ts'

/** A native modal dialog that is open while the call asks; Escape stays in the call. */
export function LeaveDialog(props: { readonly entry: Entry; readonly call: Call }): JSX.Element {
  const { entry, call } = props
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  const asks = call.asksToLeave.value
  /** Whether the dialog was closed here: its event comes later, maybe when the call asks again. */
  const wasClosed = useRef(false)
  useEffect(() => {
    const dialog = ref.current
    if (dialog === null || dialog.open === asks) return
    if (asks) return dialog.showModal()
    wasClosed.current = true
    dialog.close()
  }, [asks])
  const closed = (): void => {
    if (!wasClosed.current) call.stay()
    wasClosed.current = false
  }
  return (
    <dialog ref={ref} class="dialog" aria-labelledby={id} onClose={closed}>
      <div class="dialog-body">
        <h2 id={id}>{strings.leaving.title}</h2>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => void entry.leave()}>
            {strings.leaving.leave}
          </button>
          <button type="button" class="button is-primary" autofocus onClick={() => call.stay()}>
            {strings.leaving.stay}
          </button>
        </div>
      </div>
    </dialog>
  )
}
