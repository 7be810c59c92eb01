/**
 * The people of a call and the rule by which others come in.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId, useRef } from 'preact/hooks'
import type { RoomRule } from '@conclave/client'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import { type Person, isAway } from '../state/roster.ts'
import { Dialog, type DialogHandle } from './dialog.tsx'
import { OwnerKey } from './owner-key.tsx'
import { Icon } from './icon.tsx'
import { strings } from './strings.ts'

/** The button in a call's header, and the dialog that it opens. */
export function PeopleButton(props: { readonly entry: Entry; readonly call: Call }): JSX.Element {
  const { call } = props
  const dialog = useRef<DialogHandle>(null)
  const { title, close } = strings.people
  const content = (): JSX.Element => (
    <>
      <PeopleList call={call} />
      <RuleFields call={call} />
      <OwnerKey {...props} />
    </>
  )
  return (
    <>
      <button
        type="button"
        class="button is-small people-button"
        onClick={() => dialog.current?.open()}
      >
        <Icon name="people" />
        <span class="button-text">{title}</span>
      </button>
      <Dialog handle={dialog} title={title} closeLabel={close} content={content} />
    </>
  )
}

const PeopleList = ({ call }: { readonly call: Call }): JSX.Element => (
  <ul class="people-list" aria-label={strings.people.here}>
    {call.people.value.map((person) => (
      <PersonRow key={person.id} call={call} person={person} />
    ))}
  </ul>
)

const PersonRow = (props: { readonly call: Call; readonly person: Person }): JSX.Element => {
  const { person } = props
  const { authority } = props.call
  const sure = useSignal(false)
  const words = strings.people
  const { role, rule, hosts } = authority.view.value
  const isHost = hosts.some((id) => id === person.id)
  const asksFromNow = role === 'owner' && rule === 'open'
  return (
    <li class="people-row">
      <span class="people-name">
        <span dir="auto">{person.name}</span>
        {person.isSelf && <span class="people-self"> {strings.call.you}</span>}
        {isAway(person) && <span class="people-self"> ({words.away})</span>}
        {isHost && role !== 'owner' && <span class="people-self"> ({words.host})</span>}
      </span>
      {role === 'owner' && !person.isSelf && person.person !== undefined && !sure.value && (
        <label class="check-field people-host">
          <input
            type="checkbox"
            checked={isHost}
            aria-label={words.makeHostNamed(person.name)}
            onChange={() => authority.setHost(person.id, !isHost)}
          />
          {words.makeHost}
        </label>
      )}
      {authority.mayAct.value && !person.isSelf && !sure.value && (
        <button
          type="button"
          class="button is-small"
          aria-label={words.removeNamed(person.name)}
          onClick={() => {
            sure.value = true
          }}
        >
          {words.remove}
        </button>
      )}
      {sure.value && (
        <div class="people-sure" role="group" aria-label={words.removeNamed(person.name)}>
          <p>{asksFromNow ? words.sureAndAsk : words.sure}</p>
          <div class="dialog-actions">
            <button
              type="button"
              class="button is-small"
              onClick={() => {
                sure.value = false
              }}
            >
              {words.keep}
            </button>
            <button
              type="button"
              class="button is-small is-danger"
              autofocus
              onClick={() => authority.remove(person.id)}
            >
              {words.remove}
            </button>
          </div>
        </div>
      )}
    </li>
  )
}

/** The owner chooses; everybody else reads. */
const RuleFields = ({ call }: { readonly call: Call }): JSX.Element => {
  const { authority } = call
  const { role, rule, isInvitationEnded } = authority.view.value
  const words = strings.people
  const id = useId()
  if (role !== 'owner' || isInvitationEnded) {
    return (
      <section class="people-rule">
        <h3>{words.rule}</h3>
        <p>{isInvitationEnded ? words.rules.locked : words.rules[rule]}</p>
      </section>
    )
  }
  return (
    <fieldset class="people-rule">
      <legend>{words.rule}</legend>
      {RULES.map((each) => (
        <label key={each} class="check-field">
          <input
            type="radio"
            name={id}
            checked={each === rule}
            onChange={() => authority.setRule(each)}
          />
          {words.rules[each]}
        </label>
      ))}
      <div class="people-link">
        <p class="field-hint">{words.newLinkHint}</p>
        <button type="button" class="button is-small" onClick={() => authority.newLink()}>
          {words.newLink}
        </button>
      </div>
    </fieldset>
  )
}

const RULES: readonly RoomRule[] = ['open', 'ask', 'locked']
