/** Everything around an entry or a call, made of test parts. */
import { signal } from '@preact/signals'
import type { LookPort } from '../../src/state/client-port.ts'
import type { Cue } from '../../src/state/cue-port.ts'
import type { EntryContext } from '../../src/state/entry.ts'
import { Notices } from '../../src/state/notices.ts'
import { type KeyValueStore, Preferences } from '../../src/state/preferences.ts'
import type { TabLine, TabPort, TabWord } from '../../src/state/tab-port.ts'
import { TestMediaPort } from './media-port.ts'
import { TestRoom } from './room.ts'
import { SettlingClock } from './virtual-clock.ts'

/** Storage that the test can look into. */
export class TestStore implements KeyValueStore {
  readonly entries = new Map<string, string>()

  getItem(key: string): string | null {
    return this.entries.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    this.entries.set(key, value)
  }

  removeItem(key: string): void {
    this.entries.delete(key)
  }
}

/** The tabs of one browser: what one says, all others hear in order. */
export class TestTabs implements TabPort {
  readonly #lines = new Set<{ readonly room: string; readonly hear: (word: TabWord) => void }>()

  /** How many lines are open. */
  get lines(): number {
    return this.#lines.size
  }

  open(room: string, hear: (word: TabWord) => void): TabLine {
    const line = { room, hear }
    this.#lines.add(line)
    return {
      say: (word) => {
        for (const other of [...this.#lines]) {
          if (other !== line && other.room === room) other.hear(word)
        }
      },
      close: () => void this.#lines.delete(line),
    }
  }
}

/** A look from the lobby, whose members are the test. */
export class TestLook implements LookPort {
  snapshot: LookPort['snapshot'] = { inside: undefined, entry: undefined }
  isClosed = false
  #listener: (() => void) | undefined

  /** A member answers. */
  show(snapshot: LookPort['snapshot']): void {
    this.snapshot = snapshot
    this.#listener?.()
  }

  subscribe(listener: () => void): () => void {
    this.#listener = listener
    return () => {
      this.#listener = undefined
    }
  }

  close(): void {
    this.isClosed = true
  }
}

/** A context and its parts; `joins` are the answers to attempts to join, `room` by default. */
export class TestContext {
  readonly clock = new SettlingClock()
  readonly mediaPort = new TestMediaPort()
  readonly notices = new Notices(this.clock)
  readonly lasting = new TestStore()
  readonly tab: TestStore
  readonly preferences: Preferences
  room = new TestRoom()
  readonly joins: (TestRoom | Error)[] = []
  readonly joinedAs: (string | undefined)[] = []
  readonly copied: string[] = []
  /** Whether this browser made the room; its owner's key, and those that the person entered. */
  isMaker = true
  ownerKey: string | undefined | Error = '041G-2081'
  ownerKeyFault: 'malformed' | 'other-owner' | undefined | Error
  readonly entered: string[] = []
  /** The looks from the lobby, newest last. */
  readonly looks: TestLook[] = []
  /** The sounds of the call, in order. */
  readonly cues: Cue[] = []
  isPageSeen = true
  support: unknown = { supported: true }
  parsed: unknown = {
    type: 'ok',
    room: 'room',
    keys: { close: () => this.keysClosed.push('room') },
  }
  readonly keysClosed: string[] = []
  wasReloaded = false
  href = 'https://meet.test/r/room#secret'
  /** Whether Back stays at this address once. */
  held = false
  readonly chatFits = signal(true)
  readonly tabs: TestTabs
  #moved: (() => void)[] = []
  #gate: Promise<void> | undefined

  constructor(tab: TestStore = new TestStore(), tabs: TestTabs = new TestTabs()) {
    this.tab = tab
    this.tabs = tabs
    this.preferences = new Preferences({ lasting: this.lasting, tab })
  }

  get context(): EntryContext {
    const { clock, mediaPort, notices, preferences } = this
    return {
      clock,
      mediaPort,
      notices,
      preferences,
      levels: { watch: () => () => undefined },
      cues: { play: (cue) => void this.cues.push(cue), isPageSeen: () => this.isPageSeen },
      nameWords: { guest: 'Guest', reserved: ['You'] },
      chatFits: this.chatFits,
      tabs: this.tabs,
      client: {
        checkSupport: async () => this.support,
        createRoomLink: async (base: string) => `${base}r/new#fresh`,
        newLink: async () => NEW_PATH,
        parseRoomLink: async () => this.parsed,
        join: async (link: unknown, options: JoinOptions) => {
          if (link !== this.parsed) throw new Error('expected the answer of parseRoomLink')
          this.joinedAs.push(options.name)
          if (this.#gate !== undefined) options.onUnreachable()
          await this.#gate
          const answer = this.joins.shift() ?? this.room
          if (answer instanceof TestRoom) return answer.port
          throw answer
        },
        isMaker: async () => this.isMaker,
        ownerKey: async () => {
          if (this.ownerKey instanceof Error) throw this.ownerKey
          return this.ownerKey
        },
        keepOwnerKey: async (_: unknown, { link, text }: { link: unknown; text: string }) => {
          if (link !== this.parsed) throw new Error('expected the answer of parseRoomLink')
          this.entered.push(text)
          if (this.ownerKeyFault instanceof Error) throw this.ownerKeyFault
          return this.ownerKeyFault
        },
        lookInside: async () => {
          const look = new TestLook()
          this.looks.push(look)
          return look
        },
      } as unknown as EntryContext['client'],
      page: {
        base: 'https://meet.test/',
        serverWasAway: false,
        wasReloaded: this.wasReloaded,
        href: () => this.href,
        push: (path) => {
          this.href = `https://meet.test${path}`
          this.held = false
        },
        replace: (href) => {
          this.href = new URL(href, 'https://meet.test').href
        },
        isHeld: () => this.held,
        holdBack: () => {
          this.held = true
        },
        releaseBack: () => {
          if (this.held) this.back()
        },
        onMoved: (handler) => listen(this.#moved, handler),
        copy: async (text) => {
          this.copied.push(text)
          return true
        },
      },
    }
  }

  /** Every attempt to join waits until the server answers. */
  holdJoins(): { answer(): void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    return { answer: resolve }
  }

  /** The person presses Back while the entry before has the same address. */
  back(): void {
    this.held = false
    for (const handler of [...this.#moved]) handler()
  }

  /** The person changes the address. */
  move(href: string): void {
    this.href = href
    for (const handler of [...this.#moved]) handler()
  }
}

interface JoinOptions {
  readonly name?: string
  readonly signal: AbortSignal
  onUnreachable(): void
}

/** An error as the client throws it. */
export function clientError(code: string): Error {
  return Object.assign(new Error(code), { name: 'ClientError', code })
}

const listen = (list: (() => void)[], handler: () => void): (() => void) => {
  list.push(handler)
  return () => {
    list.splice(list.indexOf(handler), 1)
  }
}

/** The path of a new link. */
export const NEW_PATH = `r/x7Xv-1_kQ0mB3nYp5rTz2A#${'s'.repeat(64)}`
