/**
 * The name of the product and its sign: a C around a keyhole.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useServices } from './app-context.ts'
import { strings } from './strings.ts'

/** The sign with the name beside it; with `link`, a link to the start page. */
export function Brand({ link = false }: { readonly link?: boolean }): JSX.Element {
  const { app } = useServices()
  const content = (
    <>
      <BrandMark />
      <span class="brand-name">{strings.product}</span>
    </>
  )
  return !link ? (
    <span class="brand">{content}</span>
  ) : (
    <a class="brand" href={app.context.page.base}>
      {content}
    </a>
  )
}

/** The logo without the name. */
export function BrandMark(): JSX.Element {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="brand-ring" d="M25.4 8.1a12.2 12.2 0 1 0 0 15.8" />
      <path
        class="brand-hole"
        d="M16.4 9.8a3.7 3.7 0 0 1 2 6.8l1.3 5.4h-6.6l1.3-5.4a3.700 3.700 0 0 1 2-6.800z"
      />
    </svg>
  )
}
