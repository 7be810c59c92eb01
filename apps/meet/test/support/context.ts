/** Everything around an entry or a call, made of test parts. */
import type { EntryContext } from '../../src/state/entry.ts'
import { Notices } from '../../src/state/notices.ts'
import { type KeyValueStore, Preferences } from '../../src/state/preferences.ts'
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
  support: unknown = { supported: true }
  parsed: unknown = {
    type: 'ok',
    room: 'room',
    keys: { close: () => this.keysClosed.push('room') },
  }
  readonly keysClosed: string[] = []
  wasReloaded = false
  href = 'https://meet.test/r/room#secret'
  #moved: (() => void)[] = []
  #gate: Promise<void> | undefined

  constructor(tab: TestStore = new TestStore()) {
    this.tab = tab
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
      guestName: 'Guest',
      hasRoomForChat: () => true,
      client: {
        checkSupport: async () => this.support,
        createRoomLink: async (origin: string) => `${origin}/r/new#fresh`,
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
      } as unknown as EntryContext['client'],
      page: {
        origin: 'https://meet.test',
        wasReloaded: this.wasReloaded,
        href: () => this.href,
        push: (path) => {
          this.href = `https://meet.test${path}`
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
