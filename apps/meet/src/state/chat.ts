/**
 * The conversation beside a call.
 *
 * @module
 */
import { type ChatMessage, MAX_CHAT_LENGTH } from '@conclave/client'
import { type ReadonlySignal, type Signal, computed, signal } from '@preact/signals'
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

/** The chat of a call; ends with `close()`. */
export class Chat {
  readonly groups: ReadonlySignal<readonly MessageGroup[]>
  readonly isOpen: ReadonlySignal<boolean>
  readonly unread: ReadonlySignal<number>
  /** The text that is typed and not sent; kept while the chat is closed. */
  readonly draft: Signal<string> = signal('')
  /** The latest message of somebody else, for those who listen rather than look. */
  readonly latest: ReadonlySignal<ChatMessage | undefined>

  readonly #others: ReadonlySignal<readonly ChatMessage[]>
  readonly #isOpen: Signal<boolean>
  readonly #seen = signal(0)
  readonly #room: CallPort
  readonly #stop: () => void

  constructor(room: CallPort, options: { readonly isOpen: boolean }) {
    this.#room = room
    this.#isOpen = signal(options.isOpen)
    this.isOpen = this.#isOpen
    const { snapshot, stop } = followRoom(room)
    this.#stop = stop
    const messages = computed(() => snapshot.value.messages)
    const others = computed(() => messages.value.filter((message) => !message.own))
    this.#others = others
    this.groups = computed(() => groupMessages(messages.value))
    this.latest = computed(() => others.value.at(-1))
    this.unread = computed(() =>
      this.#isOpen.value ? 0 : Math.max(0, others.value.length - this.#seen.value),
    )
  }

  /** Opens or closes the chat; what is there when it closes counts as read. */
  setOpen(open: boolean): void {
    this.#seen.value = this.#others.peek().length
    this.#isOpen.value = open
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
    this.#stop()
  }
}

/** Puts messages of one sender that follow each other within five minutes under one name. */
export function groupMessages(messages: readonly ChatMessage[]): readonly MessageGroup[] {
  const groups: (Omit<MessageGroup, 'messages'> & { from: string; messages: ChatMessage[] })[] = []
  for (const message of messages) {
    const last = groups.at(-1)
    if (last?.from === message.from && message.at - last.at < groupForMs) {
      last.messages.push(message)
    } else {
      const { id, from, name, own, at } = message
      groups.push({ id, from, name, own, at, messages: [message] })
    }
  }
  return groups
}

const groupForMs = 5 * 60_000
