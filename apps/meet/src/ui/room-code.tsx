/**
 * The code by which people find out that nobody else is in the call, and those whom they confirmed.
 *
 * @module
 */
import type { RoomCode } from '@conclave/client'
import type { JSX, RefObject } from 'preact'
import type { Call } from '../state/call.ts'
import type { Person } from '../state/roster.ts'
import { ConfirmationMark } from './confirmation-mark.tsx'
import { Dialog, type DialogHandle } from './dialog.tsx'
import { strings } from './strings.ts'

/** A dialog with the code, how to compare it, and everybody else with a button to confirm them. */
export function RoomCodeDialog(props: {
  readonly handle: RefObject<DialogHandle | null>
  readonly call: Call
}): JSX.Element {
  const { title, close } = strings.roomCode
  const content = (): JSX.Element => <RoomCodeView call={props.call} />
  return <Dialog handle={props.handle} title={title} closeLabel={close} content={content} />
}

const RoomCodeView = ({ call }: { readonly call: Call }): JSX.Element => {
  const words = strings.roomCode
  const code = call.code.value
  const people = call.people.value
  const others = people.filter(({ isSelf, isOtherTab }) => !isSelf && !isOtherTab)
  const isKept = call.self.value?.person !== undefined
  return (
    <div class="room-code">
      <CodeView code={code} people={people} />
      {code.state === 'ready' && (
        <>
          <p>{words.how}</p>
          <p>{words.differs}</p>
        </>
      )}
      {others.length > 0 && (
        <>
          <ul class="room-code-people" aria-label={words.people}>
            {others.map((person) => (
              <PersonToConfirm
                key={person.id}
                person={person}
                isComparable={code.state === 'ready'}
                onConfirm={(confirmed) => void call.confirm(person, confirmed)}
              />
            ))}
          </ul>
          <p class="field-hint">{words.hint}</p>
          {!isKept && <p class="field-hint">{words.nobodyKept}</p>}
        </>
      )}
    </div>
  )
}

const CodeView = (props: {
  readonly code: RoomCode
  readonly people: readonly Person[]
}): JSX.Element => {
  const { code, people } = props
  const words = strings.roomCode
  if (code.state === 'ready') {
    return (
      <p class="room-code-digits">
        <span class="visually-hidden">{`${words.label}: ${[...code.digits].join(' ')}`}</span>
        <bdi dir="ltr" aria-hidden="true">
          {code.digits}
        </bdi>
      </p>
    )
  }
  if (code.state === 'none') return <p>{words.none}</p>
  const missing = people.filter(({ id }) => code.missing.includes(id)).map(({ name }) => name)
  return <p>{missing.length > 0 ? words.waiting(missing) : words.pending}</p>
}

const PersonToConfirm = (props: {
  readonly person: Person
  readonly isComparable: boolean
  readonly onConfirm: (confirmed: boolean) => void
}): JSX.Element => {
  const { person, isComparable, onConfirm } = props
  const words = strings.roomCode
  const isConfirmed = person.confirmation === 'confirmed'
  const label = isConfirmed ? words.takeBackName(person.name) : words.confirmName(person.name)
  return (
    <li>
      <span class="room-code-name">
        <bdi>{person.name}</bdi>
        <ConfirmationMark person={person} />
      </span>
      <button
        type="button"
        class="button is-small"
        aria-label={label}
        disabled={!isComparable && !isConfirmed}
        onClick={() => onConfirm(!isConfirmed)}
      >
        {isConfirmed ? words.takeBack : words.confirm}
      </button>
    </li>
  )
}
