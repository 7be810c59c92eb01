/**
 * States what is protected and what is not: one sentence, with the details one tap away.
 *
 * @module
 */
import type { JSX } from 'preact'
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

/** The words in a call's header that open the details. */
export function ProtectionButton(): JSX.Element {
  return (
    <>
      <button type="button" class="protection-button" popovertarget="protection">
        {strings.protection.short}
      </button>
      <div id="protection" class="popover protection-popover" popover="auto">
        <p class="protection-sentence">{strings.protection.sentence}</p>
        <ProtectionDetails />
      </div>
    </>
  )
}

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
