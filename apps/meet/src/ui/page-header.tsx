/**
 * The head of every page but the call: the product, the notices, and possible actions.
 *
 * @module
 */
import type { ComponentChildren, JSX } from 'preact'
import { useServices } from './app-context.ts'
import { Brand } from './brand.tsx'
import { NoticesView } from './notices-view.tsx'

/** The head; on the start page itself its sign is no link. */
export function PageHeader(props: {
  readonly isStart?: boolean
  readonly children?: ComponentChildren
}): JSX.Element {
  const { notices } = useServices().app.context
  return (
    <header class="page-header">
      <Brand link={props.isStart !== true} />
      <NoticesView notices={notices} />
      {props.children}
    </header>
  )
}
