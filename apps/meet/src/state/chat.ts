/**
 * The conversation beside a call.
 *
 * @module
 */
import { type ChatMessage, MAX_CHAT_LENGTH, type MissedMessages } from '@conclave/client'
import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals'
import type { CallPort } from './client-port.ts'
import { followRoom } from './room-snapshot.ts'

/** A message in the conversation. */
export interface MessageRow extends ChatMessage {
  /** Whether it is the first in a row of messages of one person, which stand under one name. */
  readonly isFirst: boolean
  /** With the first of some messages that somebody passed on: the name of this person, empty when it is not known. */
  readonly passedOnBy?: string | undefined
  /** How many messages did not come to this person before this one, and after it. */
  readonly missedBefore?: number | undefined
  readonly missedAfter?: number | undefined
}

/** The surroundings of a chat. */
export interface ChatContext {
  /** Whether the chat has room beside the call; otherwise it lies over the call. */
  readonly fits: ReadonlySignal<boolean>
  /** The name that is shown for a person, by id and by the name that the person gave. */
  readonly nameOf: (id: string, name: string) => string
  /** The same for somebody who is not here. */
  readonly nameOfAbsent: (id: string, name: string) => string
}

/**
 * The chat of a call; ends with `close()`. Beside the call it opens by itself with the first
 * message. Over the call only the person opens it, and a layout that changes never carries it there.
 */
export class Chat {
  readonly rows: ReadonlySignal<readonly MessageRow[]>
  /** How many messages did not come to this person, each time that it was away. */
  readonly missed: ReadonlySignal<readonly MissedMessages[]>
  /** Whether people who come later read what is written now. */
  readonly isKept: ReadonlySignal<boolean>
  readonly isOpen: ReadonlySignal<boolean>
  readonly unread: ReadonlySignal<number>
  /** The text that is typed and not sent; kept while the chat is closed. */
  readonly draft: Signal<string> = signal('')
  /** The latest messages of other participants, newest last, for screen readers and as a preview. */
  readonly latest: ReadonlySignal<readonly ChatMessage[]>

  /** The person's decision while the chat stands beside the call; `undefined` before there is one. */
  readonly #beside: Signal<boolean | undefined> = signal(undefined)
  /** The person's decision while the chat lies over the call. */
  readonly #over: Signal<boolean> = signal(false)
  readonly #fits: ReadonlySignal<boolean>
  readonly #seen = signal(0)
  readonly #room: CallPort
  readonly #endings: readonly (() => void)[]

  constructor(room: CallPort, { fits, nameOf, nameOfAbsent }: ChatContext) {
    this.#room = room
    this.#fits = fits
    const { snapshot, stop } = followRoom(room)
    const messages = computed(() => snapshot.value.messages)
    // Messages from before are no news, but those from an absence.
    const others = computed(() => {
      const first = messages.value.findIndex(({ toldBy }) => toldBy === undefined)
      return messages.value.filter(
        ({ own, toldBy }, index) => !own && (toldBy === undefined || (first >= 0 && index > first)),
      )
    })
    // As text, so that the rows change only when somebody comes, goes or takes another name.
    const here = computed(() =>
      JSON.stringify(
        [...snapshot.value.participants.values()].map(({ id, name, person }) => [id, name, person]),
      ),
    )
    const named = (message: ChatMessage): ChatMessage => {
      const { from, person, toldBy } = message
      if (toldBy === undefined) return { ...message, name: nameOf(from, message.name) }
      const people = JSON.parse(here.value) as readonly (readonly [string, string, string?])[]
      const author = people.find(
        ([id, , ofPerson]) => id === from || (person !== undefined && person === ofPerson),
      )
      const name = author ? nameOf(author[0], author[1]) : nameOfAbsent(from, message.name)
      return { ...message, name }
    }
    this.isKept = computed(() => snapshot.value.authority.history === 'call')
    this.missed = computed(() => snapshot.value.missed)
    this.rows = computed(() => {
      const rows = withMissed(rowsOf(messages.value.map(named)), this.missed.value)
      if (rows.every(({ toldBy }) => toldBy === undefined)) return rows
      const people = JSON.parse(here.value) as readonly (readonly [string, string])[]
      return rows.map((row, index) => {
        const { toldBy } = row
        if (toldBy === undefined || rows[index - 1]?.toldBy !== undefined) return row
        const teller = people.find(([id]) => id === toldBy)
        return { ...row, isFirst: true, passedOnBy: teller ? nameOf(...teller) : '' }
      })
    })
    this.latest = computed(() => others.value.slice(-MAX_LATEST).map(named))
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

/** Marks where a name stands: messages of one sender that follow each other within five minutes share one. */
export function rowsOf(messages: readonly ChatMessage[]): readonly MessageRow[] {
  let beganAt = 0
  return messages.map((message, index) => {
    const isFirst =
      authorOf(message) !== authorOf(messages[index - 1]) || message.at - beganAt >= GROUP_FOR_MS
    if (isFirst) beganAt = message.at
    return { ...message, isFirst }
  })
}

/** Puts the numbers of missed messages to the messages beside which they are shown. */
function withMissed(
  rows: readonly MessageRow[],
  missed: readonly MissedMessages[],
): readonly MessageRow[] {
  if (missed.length === 0) return rows
  const countAfter = new Map(missed.map(({ after, count }) => [after, count]))
  return rows.map((row, index) => {
    const missedAfter = countAfter.get(row.id)
    const missedBefore = index === 0 ? countAfter.get(undefined) : undefined
    return missedAfter === undefined && missedBefore === undefined
      ? row
      : { ...row, missedBefore, missedAfter }
  })
}

/** A person's sessions are one author. */
const authorOf = (message: ChatMessage | undefined): string | undefined =>
  message?.person ?? message?.from

const GROUP_FOR_MS = 5 * 60_000

/** Messages that come within one moment are all announced, up to this number. */
const MAX_LATEST = 4
