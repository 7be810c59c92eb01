/**
 * Short messages to the person, as data: the words are the user interface's.
 *
 * @module
 */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Clock } from '@conclave/base'
import type { DeviceFault, RecordingDevice } from './media-port.ts'

/** Something worth a sentence that goes away by itself. */
export type NoticeContent =
  | {
      readonly type:
        | 'joined'
        | 'left'
        | 'removed'
        | 'sharing'
        | 'unverified-media'
        | 'other-key'
        | 'not-kept'
      readonly name: string
    }
  | {
      readonly type:
        | 'link-copied'
        | 'copy-failed'
        | 'unverified-messages'
        | 'messages-lost'
        | 'share-failed'
        | 'speaking-muted'
        | 'media-stopped'
        | 'too-many-people'
        | 'call-spent'
        | 'rule-open'
        | 'rule-ask'
        | 'rule-locked'
        | 'act-failed'
        | 'new-link'
        | 'owner-here'
    }
  | { readonly type: 'device-lost'; readonly device: RecordingDevice }
  | {
      readonly type: 'device-refused'
      readonly device: RecordingDevice
      readonly fault: DeviceFault
    }

/** A notice on the screen. */
export interface Notice {
  readonly id: number
  readonly content: NoticeContent
}

/** Most notices at once; the oldest gives way. */
export const MAX_NOTICES = 4

/** The notices that are shown now. */
export class Notices {
  readonly #list: Signal<readonly Notice[]> = signal([])
  readonly #timers = new Map<number, unknown>()
  readonly #clock: Clock
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Newest last. */
  get list(): ReadonlySignal<readonly Notice[]> {
    return this.#list
  }

  /** Shows a notice for some seconds. */
  show(content: NoticeContent): void {
    const id = (this.#lastId += 1)
    const list = [...this.#list.peek(), { id, content }]
    for (const old of list.slice(0, Math.max(0, list.length - MAX_NOTICES))) this.#stopTimer(old.id)
    this.#list.value = list.slice(-MAX_NOTICES)
    this.#timers.set(
      id,
      this.#clock.setTimeout(
        () => this.dismiss(id),
        LINGERING.has(content.type) ? LONG_MS : SHORT_MS,
      ),
    )
  }

  /** Takes a notice away. */
  dismiss(id: number): void {
    this.#stopTimer(id)
    this.#list.value = this.#list.peek().filter((notice) => notice.id !== id)
  }

  /** Takes all away. */
  close(): void {
    for (const id of [...this.#timers.keys()]) this.#stopTimer(id)
    this.#list.value = []
  }

  #stopTimer(id: number): void {
    this.#clock.clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }
}

const SHORT_MS = 4000
const LONG_MS = 9000
const LINGERING: ReadonlySet<NoticeContent['type']> = new Set<NoticeContent['type']>([
  'unverified-media',
  'other-key',
  'not-kept',
  'unverified-messages',
  'messages-lost',
  'device-lost',
  'device-refused',
  'share-failed',
  'media-stopped',
  'too-many-people',
  'call-spent',
])
