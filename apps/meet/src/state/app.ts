/**
 * The whole app: which page is shown, and how one gets to another.
 *
 * @module
 */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { Entry, type EntryContext } from './entry.ts'
import { type Pasted, type Route, readPasted, routeOf } from './route.ts'

/** A page of the app. */
export type Screen =
  | { readonly type: 'start' }
  | { readonly type: 'nowhere' }
  | { readonly type: 'burnt' }
  | { readonly type: 'room'; readonly entry: Entry }

/** Follows the address; created once by the composition root. */
export class App {
  readonly screen: ReadonlySignal<Screen>
  readonly context: EntryContext
  /** The features that the browser lacks for a call; `undefined` while it is being found out, or nothing. */
  readonly missing: ReadonlySignal<readonly string[] | undefined>
  readonly #screen: Signal<Screen>

  constructor(context: EntryContext) {
    this.context = context
    const missing: Signal<readonly string[] | undefined> = signal(undefined)
    this.missing = missing
    void context.client.checkSupport().then((support) => {
      if (!support.supported) missing.value = support.missing
    })
    this.#screen = signal(this.#open(this.#route()))
    this.screen = this.#screen
    context.page.onMoved(() => {
      if (!this.#askBeforeBack()) void this.#follow()
    })
  }

  /** Makes a room and goes to its lobby; only the link knows it. */
  async createRoom(): Promise<void> {
    const { client, page } = this.context
    const link = new URL(await client.createRoomLink(page.base))
    await this.go(link.pathname + link.hash)
  }

  /** Goes to a pasted link, if there is one of this site in the text. */
  openPasted(text: string): Pasted['type'] {
    const pasted = readPasted(text, this.context.page.base)
    if (pasted.type === 'path') void this.go(pasted.path)
    return pasted.type
  }

  /** Goes to a path of the app. */
  async go(path: string): Promise<void> {
    this.context.page.push(path)
    await this.#follow()
  }

  /** Copies a room's link and says so. */
  async copyLink(entry: Entry): Promise<boolean> {
    const copied = await this.context.page.copy(entry.link)
    this.context.notices.show({ type: copied ? 'link-copied' : 'copy-failed' })
    return copied
  }

  /** Follows the call to its new link, and says so. */
  async #move(path: string): Promise<void> {
    const { page, notices } = this.context
    const before = this.#screen.peek()
    const route = routeOf(new URL(path, page.base).href, page.base)
    if (route.type !== 'room') return
    page.replace(route.link)
    this.#screen.value = this.#enter(route.link, true)
    notices.show({ type: 'new-link' })
    if (before.type === 'room') await before.entry.close()
  }

  /** The page goes away at once. */
  leaveNow(): void {
    const screen = this.#screen.peek()
    if (screen.type === 'room') screen.entry.leaveNow()
  }

  /** In a call, Back closes a chat that lies over it, and otherwise asks before it leaves. */
  #askBeforeBack(): boolean {
    const { page } = this.context
    const screen = this.#screen.peek()
    if (screen.type !== 'room' || page.href() !== screen.entry.link) return false
    const state = screen.entry.state.peek()
    if (state.type !== 'call' || page.isHeld()) return false
    page.holdBack()
    state.call.goBack()
    return true
  }

  async #follow(): Promise<void> {
    const before = this.#screen.peek()
    const href = this.context.page.href()
    if (before.type === 'room' && before.entry.link === href) return
    this.#screen.value = this.#open(this.#route())
    if (before.type === 'room') await before.entry.close()
  }

  #route(): Route {
    const { page } = this.context
    return routeOf(page.href(), page.base)
  }

  #open(route: Route): Screen {
    const { page } = this.context
    // The secret leaves the address bar and the history entry, which screenshots and reloads show.
    if (route.type === 'burnt') page.replace(page.base)
    if (route.type !== 'room') return route
    if (route.link !== page.href()) page.replace(route.link)
    return this.#enter(route.link, false)
  }

  #enter(link: string, returns: boolean): Screen {
    const moved = (path: string): void => void this.#move(path)
    const entry = new Entry(link, this.context, { returns, moved })
    void entry.start()
    return { type: 'room', entry }
  }
}
