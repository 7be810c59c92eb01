/**
 * A screen of the app, and the ways to it that several screens share.
 *
 * @module
 */
import type { Page } from '../browsers/page.ts'
import type { PersonOptions } from '../fixtures.ts'
import type { Hub } from '../hub.ts'
import type { Person } from '../person.ts'

/** A screen that is looked at in every window. */
export interface Screen {
  readonly name: string
  readonly open: (
    hub: Hub,
    meet: (name: string, options?: PersonOptions) => Promise<Person>,
  ) => Promise<Page>
  /** Brings back what a change of the window has closed. */
  readonly prepare?: (page: Page) => Promise<void>
}

/** Notices go by themselves. */
export const noticesGo = (page: Page): Promise<unknown> =>
  page.waitFor(() => document.querySelector('.notice') === null, null, { what: 'notices to go' })

/** Somebody asks to come into a call that the other one made. */
export const ask = async (
  hub: Hub,
  meet: Parameters<Screen['open']>[1],
): Promise<{ readonly alice: Person; readonly bob: Person }> => {
  const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nuthatch')]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await alice.chooseRule('People who have the link and are let in')
  await bob.asks(link)
  await bob.page.see('heading', 'You asked to come in')
  await alice.page.see('button', 'Let in')
  await noticesGo(alice.page)
  return { alice, bob }
}
