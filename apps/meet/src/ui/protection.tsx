/**
 * States what is protected and what is not: one sentence, with the details one tap away.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { Call } from '../state/call.ts'
import { cameraViewOf } from '../state/roster.ts'
import type { DialogHandle } from './dialog.tsx'
import { factLines, factWords } from './fact-words.ts'
import { Icon } from './icon.tsx'
import { RoomCodeDialog } from './room-code.tsx'
import { strings } from './strings.ts'

/** The details under a line that folds. */
export function ProtectionFold(): JSX.Element {
  return (
    <details class="fold protection-fold">
      <summary>{strings.protection.details}</summary>
      <ProtectionDetails />
    </details>
  )
}

/** Says in a call's header that it is encrypted, or that something is not verified; opens the details. */
export function ProtectionButton({ call }: { readonly call: Call }): JSX.Element {
  const { short, unverified, sentence } = strings.protection
  const popover = useRef<HTMLDivElement>(null)
  const dialog = useRef<DialogHandle>(null)
  const check = (): void => {
    // The focus goes back to the button in the header, and returns there after the dialog.
    popover.current?.hidePopover()
    dialog.current?.open()
  }
  const isVerified = call.people.value.every((person) => cameraViewOf(person) !== 'failed')
  return (
    <>
      <button
        type="button"
        class={isVerified ? 'protection-button' : 'protection-button is-unverified'}
        popovertarget="protection"
      >
        <Icon name={isVerified ? 'lock' : 'warning'} />
        <span class="protection-state" dir="auto">
          {isVerified ? (
            <>
              <span class="protection-more">{short[0]}</span>{' '}
              <span class="protection-word">{short[1]}</span>
            </>
          ) : (
            unverified
          )}
        </span>
      </button>
      <div ref={popover} id="protection" class="popover protection-popover" popover="auto">
        <p class="protection-sentence">{sentence}</p>
        <button type="button" class="button is-small room-code-button" onClick={check}>
          {strings.roomCode.title}
        </button>
        <ProtectionDetails />
        <Facts call={call} />
      </div>
      <RoomCodeDialog handle={dialog} call={call} />
    </>
  )
}

/** The facts about the room, in words. */
const Facts = ({ call }: { readonly call: Call }): JSX.Element => (
  <details class="fold">
    <summary>{factWords.title}</summary>
    <div class="protection-details">
      {factLines(call.facts.value).map(({ property, answers }) => (
        <section key={property}>
          <h2>{property}</h2>
          <ul>
            {answers.map(({ contents, answer }) => (
              <li key={answer}>
                {contents.length === 0 || answers.length === 1
                  ? answer
                  : `${contents.map((content) => factWords.content[content]).join(', ')}: ${answer}`}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  </details>
)

const ProtectionDetails = (): JSX.Element => {
  const words = strings.protection
  const lists = [
    [words.protectedTitle, words.protectedItems],
    [words.visibleTitle, words.visibleItems],
    [words.limitsTitle, words.limitsItems],
  ] as const
  return (
    <div class="protection-details">
      {lists.map(([title, items]) => (
        <section key={title}>
          <h2>{title}</h2>
          <ul>
            {items.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
