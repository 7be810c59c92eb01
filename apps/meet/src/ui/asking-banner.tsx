/**
 * Those who want to come in, one at a time.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { CallAuthority } from '../state/authority.ts'
import { strings } from './strings.ts'

/** Shows the one who asked first, with the answers for whoever may give one. */
export function AskingBanner({ authority }: { readonly authority: CallAuthority }): JSX.Element {
  const [first, ...others] = authority.guests.value
  const mayAct = authority.mayAct.value
  const words = strings.asking
  return (
    <div class="asking" role="status">
      {first !== undefined && (
        <>
          <p class="asking-words" dir="auto">
            {mayAct ? words.wants(first.name) : words.waits(first.name)}
            {others.length > 0 && ` ${words.more(others.length)}`}
          </p>
          {mayAct && (
            <div class="asking-actions">
              <button
                type="button"
                class="button is-small is-primary"
                onClick={() => authority.admit(first.id)}
              >
                {words.admit}
              </button>
              <button
                type="button"
                class="button is-small"
                onClick={() => authority.refuse(first.id)}
              >
                {words.refuse}
              </button>
            </div>
          )}
        </>
      )}
    </div>
  )
}
