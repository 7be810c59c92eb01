/**
 * A page that says one thing and offers a way on.
 *
 * @module
 */
import type { ComponentChildren, JSX } from 'preact'
import { PageHeader } from './page-header.tsx'
import { useArrivalFocus } from './use-arrival-focus.ts'

/** A heading, a sentence, and possible actions. With `alert` screen readers announce it at once. */
export function MessagePage(props: {
  readonly title: string
  readonly text: string
  readonly alert?: boolean
  /** Another sentence, which may come later. */
  readonly more?: string | undefined
  readonly children?: ComponentChildren
}): JSX.Element {
  const title = useArrivalFocus<HTMLHeadingElement>()
  return (
    <div class="page">
      <PageHeader />
      <main class="message-page">
        <div class="page-message" {...(props.alert === true ? { role: 'alert' } : {})}>
          <h1 ref={title} tabIndex={-1}>
            {props.title}
          </h1>
          <p>{props.text}</p>
          {props.more !== undefined && <p role="alert">{props.more}</p>}
        </div>
        <div class="message-actions">{props.children}</div>
      </main>
    </div>
  )
}
