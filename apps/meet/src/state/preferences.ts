/**
 * Preferences that the app stores: a name and device choices on this device, and for a reload the call that this tab
 * was in. Never a secret: rooms are stored by their public id.
 *
 * @module
 */
import { MAX_NAME_LENGTH } from '@conclave/client'
import { type Signal, signal } from '@preact/signals'

/** The two methods of `Storage` that are used; reads and writes may throw where storage is off. */
export interface KeyValueStore {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** The earlier choices of a person; stored on this device. */
export interface Choices {
  readonly name: string
  readonly microphoneOn: boolean
  readonly cameraOn: boolean
  readonly microphoneId: string
  readonly cameraId: string
  readonly speakerId: string
  /** Whether happenings in a call have sounds. */
  readonly soundsOn: boolean
}

/** Choices that outlive the page, and the call that a reload comes back to. */
export class Preferences {
  readonly choices: Signal<Choices>
  readonly #lasting: KeyValueStore
  readonly #tab: KeyValueStore

  constructor(stores: { readonly lasting: KeyValueStore; readonly tab: KeyValueStore }) {
    this.#lasting = stores.lasting
    this.#tab = stores.tab
    this.choices = signal(
      parseChoices(read(this.#tab, CHOICES_KEY) ?? read(this.#lasting, CHOICES_KEY)),
    )
  }

  /** Changes some choices and keeps them; without storage they hold until the page closes. */
  change(some: Partial<Choices>): void {
    const next = { ...this.choices.peek(), ...some }
    this.choices.value = next
    const text = JSON.stringify(next)
    write(this.#lasting, CHOICES_KEY, text)
    write(this.#tab, CHOICES_KEY, text)
  }

  /** Notes that this tab is in the room's call, so that a reload returns to it. */
  enterCall(room: string): void {
    write(this.#tab, CALL_KEY, room)
  }

  /** Notes that this tab is in no call. */
  leaveCall(): void {
    try {
      this.#tab.removeItem(CALL_KEY)
    } catch {}
  }

  /** Whether this tab was in the room's call when its page went away. */
  wasInCall(room: string): boolean {
    return read(this.#tab, CALL_KEY) === room
  }
}

const CHOICES_KEY = 'conclave.choices'
const CALL_KEY = 'conclave.call'

const FRESH: Choices = {
  name: '',
  microphoneOn: true,
  cameraOn: true,
  microphoneId: '',
  cameraId: '',
  speakerId: '',
  soundsOn: true,
}

const parseChoices = (text: string | undefined): Choices => {
  let value: unknown
  try {
    value = JSON.parse(text ?? '{}')
  } catch {
    return FRESH
  }
  if (typeof value !== 'object' || value === null) return FRESH
  const found = value as Readonly<Record<string, unknown>>
  const word = (key: string): string => {
    const entry = found[key]
    return typeof entry === 'string' ? entry : ''
  }
  return {
    name: word('name').slice(0, MAX_NAME_LENGTH),
    microphoneOn: found['microphoneOn'] !== false,
    cameraOn: found['cameraOn'] !== false,
    microphoneId: word('microphoneId'),
    cameraId: word('cameraId'),
    speakerId: word('speakerId'),
    soundsOn: found['soundsOn'] !== false,
  }
}

const read = (store: KeyValueStore, key: string): string | undefined => {
  try {
    return store.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

const write = (store: KeyValueStore, key: string, value: string): void => {
  try {
    store.setItem(key, value)
  } catch {}
}
