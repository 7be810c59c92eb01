/**
 * The key of a room's owner, whom people know as the host: the owner takes it to another device, and enters it there.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { OwnerKey } from '../state/authority.ts'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import { useServices } from './app-context.ts'
import { ownerKeyStrings as words } from './owner-key-strings.ts'

/** On the owner's device: the key, once the owner asks for it. */
export function MoveOwnerKey({ call }: { readonly call: Call }): JSX.Element {
  const id = useId()
  const key = useSignal<OwnerKey | undefined>(undefined)
  const isOpen = key.value !== undefined
  const toggle = async (): Promise<void> => {
    key.value = isOpen ? undefined : await call.authority.ownerKey()
  }
  return (
    <section class="owner-key">
      <h3>{words.title}</h3>
      <p class="field-hint">{words.about}</p>
      <button
        type="button"
        class="button is-small"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => void toggle()}
      >
        {isOpen ? words.hide : words.show}
      </button>
      <div id={id} class="owner-key-fields">
        {key.value?.type === 'key' && <KeyField text={key.value.text} />}
      </div>
      <p class="field-error" aria-live="polite">
        {(key.value?.type === 'bound' || key.value?.type === 'failed') && words[key.value.type]}
      </p>
    </section>
  )
}

const KeyField = ({ text }: { readonly text: string }): JSX.Element => {
  const { page } = useServices().app.context
  const id = useId()
  const copied = useSignal<boolean | undefined>(undefined)
  const copy = async (): Promise<void> => {
    copied.value = await page.copy(text)
  }
  return (
    <>
      <p id={`${id}-warning`} class="hint">
        {words.warning}
      </p>
      <label class="field-label" for={id}>
        {words.label}
      </label>
      <textarea
        id={id}
        class="owner-key-text"
        rows={4}
        readOnly
        dir="ltr"
        autoComplete="off"
        spellcheck={false}
        aria-describedby={`${id}-warning`}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div class="owner-key-actions">
        <button type="button" class="button is-small" onClick={() => void copy()}>
          {words.copy}
        </button>
        <span role="status">
          {copied.value === true && words.copied}
          {copied.value === false && words.notCopied}
        </span>
      </div>
      <p class="field-hint">{words.how}</p>
    </>
  )
}

/** On any other device: a way to be the owner there. */
export function EnterOwnerKey({ entry }: { readonly entry: Entry }): JSX.Element {
  const isOpen = useSignal(false)
  const id = useId()
  return (
    <section class="owner-key">
      <button
        type="button"
        class="button is-small"
        aria-expanded={isOpen.value}
        aria-controls={id}
        onClick={() => {
          isOpen.value = !isOpen.value
        }}
      >
        {words.enter}
      </button>
      <div id={id}>{isOpen.value && <KeyForm entry={entry} />}</div>
    </section>
  )
}

const KeyForm = ({ entry }: { readonly entry: Entry }): JSX.Element => {
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const fault = useSignal<'malformed' | 'other-owner' | 'failed' | undefined>(undefined)
  const isBusy = useSignal(false)
  useEffect(() => field.current?.focus(), [])
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (isBusy.peek()) return
    isBusy.value = true
    fault.value = await entry.becomeOwner(field.current?.value ?? '')
    isBusy.value = false
    if (fault.peek() !== undefined) field.current?.focus()
  }
  return (
    <form class="owner-key-fields" onSubmit={(event) => void submit(event)}>
      <label class="field-label" for={id}>
        {words.label}
      </label>
      <textarea
        ref={field}
        id={id}
        class="owner-key-text"
        rows={4}
        required
        dir="ltr"
        autoComplete="off"
        autocapitalize="characters"
        spellcheck={false}
        aria-invalid={fault.value !== undefined}
        aria-describedby={`${id}-error ${id}-hint`}
        onInput={() => {
          fault.value = undefined
        }}
      />
      <p id={`${id}-error`} class="field-error" aria-live="polite">
        {fault.value !== undefined && words[fault.value]}
      </p>
      <p id={`${id}-hint`} class="field-hint">
        {words.enterHint}
      </p>
      <div class="owner-key-actions">
        <button type="submit" class="button is-primary" aria-busy={isBusy.value}>
          {words.submit}
        </button>
        <span class="field-hint">{words.enterNext}</span>
      </div>
    </form>
  )
}
