/**
 * The text of a message, with addresses that can be followed.
 *
 * @module
 */
import type { JSX } from 'preact'
import { splitLinks } from '../state/autolink.ts'

/** Text nodes and links only; the page that is opened learns nothing of this one. */
export function MessageText({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="message-text" dir="auto">
      {splitLinks(text).map((part, index) =>
        part.type === 'text' ? (
          part.text
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer" dir="ltr">
            {part.text}
            {part.host !== undefined && ` (${part.host})`}
          </a>
        ),
      )}
    </p>
  )
}
