/** Data connections between sessions of a test, which die without a word. */
import type { ParticipantId } from '@conclave/wire'
import type { MediaContext } from '../../src/index.ts'
import { TestMedia } from '../support.ts'

/** A message as it goes over a connection. */
export interface Passed {
  readonly channel: string
  readonly bytes: number
}

/** The media of one session, connected with that of others by {@link LinkedMedia.connect}. */
export class LinkedMedia extends TestMedia {
  /** Nothing that this side sends arrives, until it is `false` again. What is reliable comes then. */
  isDead = false
  /** It answers no questions, as sessions of another version. */
  isOld = false
  readonly passed: Passed[] = []
  readonly #others = new Map<ParticipantId, LinkedMedia>()
  #self: ParticipantId | undefined
  #held: (() => void)[] = []

  constructor() {
    super({} as MediaContext)
  }

  /** Opens the connections of both directions. */
  static connect(
    [one, first]: readonly [ParticipantId, LinkedMedia],
    [two, second]: readonly [ParticipantId, LinkedMedia],
  ): void {
    first.#open(one, two, second)
    second.#open(two, one, first)
  }

  /** Hands over what was held up. */
  revive(): void {
    this.isDead = false
    for (const deliver of this.#held.splice(0)) deliver()
  }

  canSendData(to: ParticipantId): boolean {
    return this.#others.has(to)
  }

  async sendData(
    to: ParticipantId,
    channel: string,
    given: Uint8Array,
    { reliable = true }: { readonly reliable?: boolean } = {},
  ): Promise<void> {
    const [participant, bytes] = [this.#self, new Uint8Array(given)]
    if (participant === undefined || (this.isOld && channel === 'room data!')) return
    this.passed.push({ channel, bytes: bytes.length })
    const deliver = (): void => {
      queueMicrotask(() => {
        this.#others.get(to)?.emit('data', { participant, channel, reliable, bytes })
      })
    }
    if (!this.isDead) deliver()
    else if (reliable) this.#held.push(deliver)
  }

  #open(self: ParticipantId, participant: ParticipantId, other: LinkedMedia): void {
    this.#self = self
    this.#others.set(participant, other)
    this.emit('dataOpened', { participant })
  }
}
