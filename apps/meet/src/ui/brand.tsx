/**
 * The name of the product and its sign: a key whose bow is an open ring.
 *
 * @module
 */
import type { JSX } from 'preact'
import { strings } from './strings.ts'

/** The sign with the name beside it; a link to the start page where `href` is given. */
export function Brand({ href }: { readonly href?: string }): JSX.Element {
  const content = (
    <>
      <BrandMark />
      <span class="brand-name">{strings.product}</span>
    </>
  )
  return href === undefined ? (
    <span class="brand">{content}</span>
  ) : (
    <a class="brand" href={href}>
      {content}
    </a>
  )
}

/** The sign alone. */
export function BrandMark(): JSX.Element {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M24.200 10A10.200 10.200 0 1 0 24.200 22" />
      <path d="M14.500 16H28M28 16v4.600M23 16v3.400" />
    </svg>
  )
}
