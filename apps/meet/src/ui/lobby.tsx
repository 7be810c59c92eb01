/**
 * The place before a call: how one looks and sounds, under which name, with which devices.
 *
 * @module
 */
import { MAX_NAME_LENGTH } from '@conclave/client'
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Entry, EntryState } from '../state/entry.ts'
import { useServices } from './app-context.ts'
import { CameraPreview } from './camera-preview.tsx'
import { DeviceFields } from './device-fields.tsx'
import { Icon } from './icon.tsx'
import { MediaHints } from './media-hints.tsx'
import { PageHeader } from './page-header.tsx'
import { ProtectionFold } from './protection.tsx'
import { strings } from './strings.ts'
import { useArrivalFocus } from './use-arrival-focus.ts'

/** The lobby of a room, also while it is being joined. */
export function Lobby(props: {
  readonly entry: Entry
  readonly state: Extract<EntryState, { type: 'lobby' | 'joining' }>
}): JSX.Element {
  const { entry, state } = props
  const { app } = useServices()
  const title = useArrivalFocus<HTMLHeadingElement>()
  return (
    <div class="page lobby-page">
      <PageHeader>
        <button type="button" class="button is-small" onClick={() => void app.copyLink(entry)}>
          <Icon name="link" />
          {strings.call.copyLink}
        </button>
      </PageHeader>
      <main class="lobby">
        <section class="lobby-look" aria-label={strings.lobby.preview}>
          <CameraPreview media={entry.media.value} />
          <MediaHints media={entry.media.value} />
        </section>
        <section class="lobby-join">
          <h1 ref={title} tabIndex={-1}>
            {strings.lobby.title}
          </h1>
          <p class="lobby-inside" role="status" dir="auto">
            {state.type === 'lobby' && <InsideText entry={entry} />}
          </p>
          <JoinForm entry={entry} state={state} />
          {state.type === 'lobby' && entry.elsewhere.value && <OtherTab entry={entry} />}
          <p class="protection-sentence">
            {strings.protection.sentence} {strings.protection.addresses}
          </p>
          <ProtectionFold />
        </section>
        <section class="lobby-devices" aria-label={strings.devices.title}>
          <DeviceFields media={entry.media.value} meter />
        </section>
      </main>
    </div>
  )
}

/** Says who is in the call, or how one comes in. */
const InsideText = ({ entry }: { readonly entry: Entry }): JSX.Element => {
  const { inside, entry: way } = entry.look.view.value
  const words = strings.lobby
  return (
    <>
      {inside !== undefined && words.inside(inside.names, inside.count)}
      {(way === 'ask' || way === 'closed') && words.entry[way]}
    </>
  )
}

/** Joining twice from one browser is possible and seldom meant. */
const OtherTab = ({ entry }: { readonly entry: Entry }): JSX.Element => (
  <div class="other-tab" role="status">
    <p class="hint">
      <Icon name="warning" />
      <span>{strings.lobby.otherTab}</span>
    </p>
    <button type="button" class="button" onClick={() => void entry.takeOver()}>
      {strings.lobby.moveHere}
    </button>
  </div>
)

const JoinForm = ({ entry, state }: Parameters<typeof Lobby>[0]): JSX.Element => {
  const { preferences, page } = useServices().app.context
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // On a touch screen the keyboard would cover the lobby.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true })
  }, [])
  const joining = state.type === 'joining'
  const actions = useRef<HTMLDivElement>(null)
  const wasJoining = useRef(joining)
  useEffect(() => {
    if (wasJoining.current === joining) return
    wasJoining.current = joining
    // The button that had the focus is gone or disabled now: the one beside it goes on.
    const { activeElement } = document
    if (activeElement !== document.body && activeElement?.matches(':disabled') !== true) return
    actions.current?.querySelector<HTMLElement>('button:enabled')?.focus()
  }, [joining])
  const submit = (event: Event): void => {
    event.preventDefault()
    if (!joining) void entry.join()
  }
  return (
    <form class="join-form" onSubmit={submit}>
      <label class="field">
        <span class="field-label">{strings.lobby.name}</span>
        <input
          ref={field}
          type="text"
          dir="auto"
          autoComplete="nickname"
          maxLength={MAX_NAME_LENGTH}
          aria-describedby={`${id}-hint`}
          placeholder={strings.lobby.namePlaceholder}
          value={preferences.choices.value.name}
          onInput={(event) => preferences.change({ name: event.currentTarget.value })}
        />
      </label>
      <p id={`${id}-hint`} class="field-hint">
        {strings.lobby.nameHint}
      </p>
      <div ref={actions} class="join-actions">
        <button type="submit" class="button is-primary is-large" disabled={joining}>
          {joining ? strings.lobby.joining : strings.lobby.join}
        </button>
        {joining && (
          <button type="button" class="button is-large" onClick={() => entry.cancel()}>
            {strings.lobby.cancel}
          </button>
        )}
      </div>
      <p class="join-status" role="status">
        {joining && state.waiting ? strings.lobby.waiting : ''}
        {state.type === 'lobby' && state.trouble !== undefined ? strings.lobby[state.trouble] : ''}
        {state.type === 'lobby' && !state.trouble && page.serverWasAway && strings.serverWasAway}
      </p>
    </form>
  )
}
