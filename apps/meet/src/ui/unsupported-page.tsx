/**
 * The page for a browser that cannot encrypt, shown before anything asks for a camera.
 *
 * @module
 */
import type { JSX } from 'preact'
import { MessagePage } from './message-page.tsx'
import { strings } from './strings.ts'

/** The page for an unsupported browser; `missing` names what it lacks, for whoever helps. */
export function UnsupportedPage({ missing }: { readonly missing: readonly string[] }): JSX.Element {
  const words = strings.unsupported
  return (
    <MessagePage title={words.title} text={isSecureContext ? words.sentence : words.insecure} alert>
      {missing.length > 0 && (
        <details class="fold">
          <summary>{words.missing}</summary>
          <p>{missing.join(', ')}</p>
        </details>
      )}
    </MessagePage>
  )
}
