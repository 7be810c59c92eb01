/**
 * The conversation beside a call.
 *
 * @module
 */
import { type ChatMessage, MAX_CHAT_LENGTH } from '@conclave/client'
import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals'
import type { CallPort } from './client-port.ts'
import { followRoom } from './room-snapshot.ts'

/** Messages of one person in a row, shown under one name. */
export interface MessageGroup {
  readonly id: string
  readonly name: string
  readonly own: boolean
  readonly at: number
  readonly messages: readonly ChatMessage[]
}

/** The surroundings of a chat. */
export interface ChatContext {
  /** Whether the chat has room beside the call; otherwise it lies over the call. */
  readonly fits: ReadonlySignal<boolean>
  /** The name that is shown for a person, by id and by the name that the person gave. */
  readonly nameOf: (id: string, name: string) => string
}

/**
 * The chat of a call; ends with `close()`. Beside the call it opens by itself with the first
 * message. Over the call only the person opens it, and a layout that changes never carries it there.
 */
export class Chat {
  readonly groups: ReadonlySignal<readonly MessageGroup[]>
  readonly isOpen: ReadonlySignal<boolean>
  readonly unread: ReadonlySignal<number>
  /** The text that is typed and not sent; kept while the chat is closed. */
  readonly draft: Signal<string> = signal('')
  /** The latest message of another participant, for screen readers. */
  readonly latest: ReadonlySignal<ChatMessage | undefined>

  /** The person's decision while the chat stands beside the call; `undefined` before there is one. */
  readonly #beside: Signal<boolean | undefined> = signal(undefined)
  /** The person's decision while the chat lies over the call. */
  readonly #over: Signal<boolean> = signal(false)
  readonly #fits: ReadonlySignal<boolean>
  readonly #seen = signal(0)
  readonly #room: CallPort
  readonly #endings: readonly (() => void)[]

  constructor(room: CallPort, { fits, nameOf }: ChatContext) {
    this.#room = room
    this.#fits = fits
    const { snapshot, stop } = followRoom(room)
    const messages = computed(() => snapshot.value.messages)
    const others = computed(() => messages.value.filter((message) => !message.own))
    const named = computed(() =>
      messages.value.map((message) => ({ ...message, name: nameOf(message.from, message.name) })),
    )
    this.groups = computed(() => groupMessages(named.value))
    this.latest = computed(() => named.value.filter((message) => !message.own).at(-1))
    this.isOpen = computed(() =>
      fits.value ? (this.#beside.value ?? messages.value.length > 0) : this.#over.value,
    )
    this.unread = computed(() =>
      this.isOpen.value ? 0 : Math.max(0, others.value.length - this.#seen.value),
    )
    const readOpen = effect(() => {
      if (this.isOpen.value) this.#seen.value = others.value.length
    })
    const followLayout = effect(() => {
      if (!fits.value || !this.#over.peek()) return
      this.#over.value = false
      this.#beside.value = true
    })
    this.#endings = [stop, readOpen, followLayout]
  }

  /** Opens or closes the chat in the layout of the moment. Messages count as read while it is open. */
  setOpen(open: boolean): void {
    const decision = this.#fits.peek() ? this.#beside : this.#over
    decision.value = open
  }

  /** Sends the draft; an empty one is nothing. A message that could not be sent returns to the draft. */
  async send(): Promise<void> {
    const text = this.draft.peek().trim().slice(0, MAX_CHAT_LENGTH)
    if (text === '') return
    this.draft.value = ''
    try {
      await this.#room.chat.send(text)
    } catch {
      if (this.draft.peek() === '') this.draft.value = text
    }
  }

  /** Stops listening to the room. */
  close(): void {
    for (const end of this.#endings) end()
  }
}

/** Puts messages of one sender that follow each other within five minutes under one name. */
export function groupMessages(messages: readonly ChatMessage[]): readonly MessageGroup[] {
  const groups: (Omit<MessageGroup, 'messages'> & { from: string; messages: ChatMessage[] })[] = []
  for (const message of messages) {
    const last = groups.at(-1)
    if (last?.from === message.from && message.at - last.at < GROUP_FOR_MS) {
      last.messages.push(message)
    } else {
      const { id, from, name, own, at } = message
      groups.push({ id, from, name, own, at, messages: [message] })
    }
  }
  return groups
}

const GROUP_FOR_MS = 5 * 60_000
