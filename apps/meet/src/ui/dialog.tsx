/**
 * A dialog with a title and a way to close it.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX, RefObject } from 'preact'
import { useId, useImperativeHandle, useRef } from 'preact/hooks'
import { Icon } from './icon.tsx'

/** Opens the dialog. */
export interface DialogHandle {
  open(): void
}

/** A native modal dialog; Escape, the button and a click beside it close it. Its content is there while it is open. */
export function Dialog(props: {
  readonly handle: RefObject<DialogHandle | null>
  readonly title: string
  readonly closeLabel: string
  readonly content: () => ComponentChildren
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  const open = useSignal(false)
  useImperativeHandle(props.handle, () => ({
    open() {
      open.value = true
      ref.current?.showModal()
    },
  }))
  const close = (): void => ref.current?.close()
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onClose={() => {
        // The event comes late: the dialog may be open again.
        open.value = ref.current?.open === true
      }}
      onClick={(event) => {
        if (event.target === ref.current) close()
      }}
    >
      <div class="dialog-body">
        <header class="dialog-header">
          <h2 id={id}>{props.title}</h2>
          <button type="button" class="icon-button" aria-label={props.closeLabel} onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {open.value && props.content()}
      </div>
    </dialog>
  )
}
