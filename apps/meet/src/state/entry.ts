/**
 * The way into a room: the link is read, the devices are set up, the room is joined, and after the
 * call there is a way back.
 *
 * @module
 */
import { type OpenedRoomLink, isClientError } from '@conclave/client'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { Call } from './call.ts'
import type { CallEnd, CallPort, ClientPort, OwnerKeyFault, LinkFault } from './client-port.ts'
import type { Clock } from '@conclave/base'
import type { CuePort } from './cue-port.ts'
import { LobbyLook } from './lobby-look.ts'
import { LocalMedia } from './local-media.ts'
import type { MediaPort } from './media-port.ts'
import type { NameWords } from './names.ts'
import type { Notices } from './notices.ts'
import type { PagePort } from './page-port.ts'
import type { Preferences } from './preferences.ts'
import type { LevelPort } from './speaking-monitor.ts'
import type { TabLine, TabPort, TabWord } from './tab-port.ts'

/** Where a person stands with a room. */
export type EntryState =
  | { readonly type: 'checking' }
  | { readonly type: 'unsupported'; readonly missing: readonly string[] }
  | { readonly type: 'bad-link'; readonly fault: LinkFault }
  /** `trouble`: why the last try to join did not work. */
  | { readonly type: 'lobby'; readonly trouble?: 'full' | 'failed' }
  /** `returning`: after a reload, or from the page after a call. `waiting`: the server is away. */
  | { readonly type: 'joining'; readonly returning: boolean; readonly waiting: boolean }
  | { readonly type: 'call'; readonly call: Call }
  /** `unsent`: something that was written at the end reached nobody. */
  | { readonly type: 'ended'; readonly reason: CallEnd; readonly unsent?: boolean }

/** Everything that the way into a room uses. */
export interface EntryContext {
  readonly client: ClientPort
  readonly page: PagePort
  readonly mediaPort: MediaPort
  readonly levels: LevelPort
  readonly cues: CuePort
  readonly preferences: Preferences
  readonly notices: Notices
  readonly clock: Clock
  /** The app's own words among the names. */
  readonly nameWords: NameWords
  /** Whether there is room for the chat beside the call. */
  readonly chatFits: ReadonlySignal<boolean>
  readonly tabs: TabPort
}

/** The way to a room. */
export interface EntryOptions {
  /** Whether the person comes from a call that goes on here. */
  readonly returns?: boolean
  /** The call goes on in another room. */
  readonly moved?: (path: string) => void
}

/** One room, from its link to the page after the call; ends with `close()`. */
export class Entry {
  readonly link: string
  readonly state: ReadonlySignal<EntryState>
  /** The devices of the lobby and the call; another one after each call. */
  readonly media: ReadonlySignal<LocalMedia>
  /** Whether another tab of this browser is in the room's call. */
  readonly elsewhere: ReadonlySignal<boolean>
  /** The people in the room, while the lobby is open. */
  readonly look: LobbyLook

  readonly #context: EntryContext
  readonly #options: EntryOptions
  readonly #state: Signal<EntryState> = signal({ type: 'checking' })
  readonly #media: Signal<LocalMedia>
  /** The link with its keys, which every join uses; closed with the entry. */
  #opened: OpenedRoomLink | undefined
  readonly #elsewhere: Signal<boolean> = signal(false)
  #tabs: TabLine | undefined
  #attempt: AbortController | undefined
  #closed = false

  constructor(link: string, context: EntryContext, options: EntryOptions = {}) {
    this.link = link
    this.#options = options
    this.#context = context
    this.look = new LobbyLook(context.client)
    this.#media = signal(this.#createMedia())
    this.media = this.#media
    this.state = this.#state
    this.elsewhere = this.#elsewhere
  }

  /** Reads the link and opens the lobby, or after a reload the call. Never rejects. */
  async start(): Promise<void> {
    const support = await this.#context.client.checkSupport()
    if (this.#closed) return
    if (!support.supported) return this.#set({ type: 'unsupported', missing: support.missing })
    const parsed = await this.#context.client.parseRoomLink(this.link)
    if (this.#closed) return
    if (parsed.type === 'invalid') return this.#set({ type: 'bad-link', fault: parsed.reason })
    this.#opened = parsed
    this.#tabs = this.#context.tabs.open(parsed.room, (word) => this.#hear(word))
    this.#tabs.say('who')
    const { preferences, page } = this.#context
    void this.#media.peek().start()
    const wasInCall = page.wasReloaded && preferences.wasInCall(parsed.room)
    if (wasInCall || this.#options.returns === true) return this.#join(true)
    this.#set({ type: 'lobby' })
  }

  /** Joins from the lobby, with whatever devices there are. */
  async join(): Promise<void> {
    await this.#join(false)
  }

  /** Has the other tab leave the call and joins here. */
  async takeOver(): Promise<void> {
    this.#tabs?.say('take')
    await this.#join(false)
  }

  /** Joins again after a call, with the same name and devices. */
  async rejoin(): Promise<void> {
    if (this.#state.peek().type !== 'ended') return
    this.#media.value = this.#createMedia()
    void this.#media.peek().start()
    await this.#join(true)
  }

  /**
   * Takes the owner's key that the person entered, and comes in again as the owner. Resolves to why it does not. Never
   * rejects.
   */
  async becomeOwner(text: string): Promise<OwnerKeyFault | 'failed' | undefined> {
    const [state, link] = [this.#state.peek(), this.#opened]
    if (state.type !== 'call' || link === undefined) return 'failed'
    const fault = await state.call.authority.keepOwnerKey(text, { link })
    if (fault !== undefined || this.#state.peek() !== state) return fault
    await this.#join(true, state.call.close())
    if (this.#state.peek().type === 'call') this.#context.notices.show({ type: 'owner-here' })
    return undefined
  }

  /** Gives up joining, back to the lobby. */
  cancel(): void {
    if (this.#state.peek().type !== 'joining') return
    this.#attempt?.abort()
    this.#context.preferences.leaveCall()
    this.#set({ type: 'lobby' })
  }

  /** Leaves the call. */
  async leave(): Promise<void> {
    await this.#end('left')
  }

  /** The page goes away at once; a reload may come back to the call. */
  leaveNow(): void {
    this.#closed = true
    this.look.stop()
    const state = this.#state.peek()
    if (state.type === 'call') state.call.leaveNow()
    this.#hangUp()
  }

  /** Ends everything: the app goes to another page. */
  async close(): Promise<void> {
    this.#closed = true
    this.#attempt?.abort()
    this.#context.preferences.leaveCall()
    this.#media.peek().close()
    this.look.stop()
    const state = this.#state.peek()
    this.#hangUp()
    if (state.type === 'call') await state.call.close()
    this.#opened?.keys.close()
  }

  /**
   * Waits for a server that is away as long as the attempt is not given up: the client retries by itself.
   *
   * @param before the end of another session here
   */
  async #join(returning: boolean, before?: Promise<unknown>): Promise<void> {
    const link = this.#opened
    if (link === undefined || this.#state.peek().type === 'joining' || this.#closed) return
    const attempt = new AbortController()
    const { signal } = attempt
    this.#attempt = attempt
    this.#set({ type: 'joining', returning, waiting: false })
    const onUnreachable = (): void => {
      if (!signal.aborted) this.#set({ type: 'joining', returning, waiting: true })
    }
    try {
      if (before !== undefined) await before
      const name = this.#chosenName()
      const room = await this.#context.client.join(link, { name, signal, onUnreachable })
      if (signal.aborted) return await room.leave()
      if (this.#chosenName() !== name) room.setName(this.#chosenName())
      this.#enter(room, link.room)
    } catch (error) {
      if (!signal.aborted) this.#fail(error)
    }
  }

  #chosenName(): string {
    return this.#context.preferences.choices.peek().name.trim()
  }

  /** Says why an attempt to join failed. */
  #fail(error: unknown): void {
    const code = isClientError(error) ? error.code : undefined
    this.#context.preferences.leaveCall()
    if (code === 'ERR_CLIENT_REFUSED') this.#shut({ type: 'bad-link', fault: 'wrong-secret' })
    else if (code === 'ERR_CLIENT_LINK_INVALID') {
      this.#shut({ type: 'bad-link', fault: 'damaged-secret' })
    } else if (code === 'ERR_CLIENT_UNSUPPORTED') this.#shut({ type: 'unsupported', missing: [] })
    else this.#set({ type: 'lobby', trouble: code === 'ERR_CLIENT_FULL' ? 'full' : 'failed' })
  }

  #enter(room: CallPort, roomId: string): void {
    const { preferences, page } = this.#context
    const moved = (path: string): void => this.#options.moved?.(path)
    const call = new Call(room, { ...this.#context, media: this.#media.peek(), moved })
    preferences.enterCall(roomId)
    page.holdBack()
    this.#tabs?.say('here')
    this.#set({ type: 'call', call })
    void room.closed.then(({ reason }) => {
      const isRefused = reason === 'removed' && !call.authority.wasIn
      void this.#ended(call, isRefused ? 'unadmitted' : reason)
    })
  }

  async #ended(call: Call, reason: CallEnd): Promise<void> {
    const state = this.#state.peek()
    if (state.type === 'call' && state.call === call && !this.#closed) await this.#end(reason)
  }

  async #end(reason: CallEnd): Promise<void> {
    const state = this.#state.peek()
    if (state.type !== 'call') return
    this.#context.preferences.leaveCall()
    this.#shut({ type: 'ended', reason })
    this.#context.page.releaseBack()
    this.#tabs?.say('gone')
    const isSaid = await state.call.close()
    const now = this.#state.peek()
    if (!isSaid && now.type === 'ended') this.#set({ ...now, unsent: true })
  }

  #hear(word: TabWord): void {
    const isHere = this.#state.peek().type === 'call' && !this.#closed
    if (word === 'who' && isHere) this.#tabs?.say('here')
    if (word === 'take' && isHere) void this.#end('replaced')
    if (word === 'here') this.#elsewhere.value = true
    if (word === 'gone') {
      this.#elsewhere.value = false
      this.#tabs?.say('who')
    }
  }

  #hangUp(): void {
    if (this.#state.peek().type === 'call') this.#tabs?.say('gone')
    this.#tabs?.close()
    this.#tabs = undefined
  }

  /** Goes to a state that needs no device. */
  #shut(state: EntryState): void {
    this.#media.peek().close()
    this.#set(state)
  }

  #createMedia(): LocalMedia {
    return new LocalMedia(this.#context.mediaPort, this.#context)
  }

  #set(state: EntryState): void {
    if (this.#closed) return
    if (state.type === 'lobby' && this.#opened !== undefined) this.look.start(this.#opened)
    else this.look.stop()
    this.#state.value = state
  }
}
