/**
 * One participant in the topics of a room: its link, the topics that it has open, and the newest loose values both ways.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { DropReason } from '../messages/drop-reason.ts'
import type { DataPath } from './data-path.ts'
import { type LinkPosition, ReliableLink } from './reliable-link.ts'
import { type TopicMessage, decodeTopicMessage, encodeTopicMessage } from './topic-frame.ts'

/** A participant that left, as far as it counts when it comes back. */
export interface PeerEnd {
  readonly position: LinkPosition
  readonly open: ReadonlySet<string>
}

/** The needs of a {@link TopicPeer}. */
export interface TopicPeerOptions {
  readonly path: DataPath
  readonly clock: Clock
  readonly dropped: (reason: DropReason) => void
  /** Where it stood when it left. */
  readonly from: PeerEnd | undefined
  readonly received: (message: TopicMessage) => void
}

/** It ends with the participant. */
export class TopicPeer {
  readonly id: ParticipantId
  readonly link: ReliableLink
  readonly #options: TopicPeerOptions
  readonly #open: Set<string>
  #hasBegun = false
  /** Loose values that found no space: the newest of each topic. */
  readonly #held = new Map<string, Uint8Array<ArrayBuffer>>()
  /** The newest loose value of each topic that came. */
  readonly #newest = new Map<string, number>()

  constructor(id: ParticipantId, options: TopicPeerOptions) {
    const { path, clock, dropped, from, received } = options
    this.id = id
    this.#options = options
    this.#open = new Set(from?.open)
    this.link = new ReliableLink({
      ...{ clock, maxBytes: path.maxBytes, from: from?.position, dropped },
      send: (frame) => path.send(id, 'topic', frame),
      received(bytes) {
        const message = decodeTopicMessage(bytes)
        if (message === undefined) dropped('malformed-body')
        else received(message)
      },
    })
    // It may not know that it left: what it knows of this session's topics is old.
    if (from !== undefined) void this.say('fresh', FRESH)
  }

  /** Writes a message of a topic. Resolves to whether it is taken. */
  say(
    type: TopicMessage['type'],
    topic: string,
    value: Uint8Array = new Uint8Array(),
  ): Promise<boolean> {
    const isFirst = !this.#hasBegun
    this.#hasBegun = true
    if (isFirst && type !== 'fresh') void this.say('fresh', FRESH)
    return this.link.write(encodeTopicMessage({ type, topic, value }))
  }

  /** The topics that it has open. */
  get open(): readonly string[] {
    return [...this.#open]
  }

  /** Where it stands, for its return. */
  get end(): PeerEnd {
    return { position: this.link.position, open: this.#open }
  }

  hasOpen(topic: string): boolean {
    return this.#open.has(topic)
  }

  /** It opened a topic; `false` if that changes nothing, or if it has too many open. */
  opens(topic: string): boolean {
    if (this.#open.has(topic)) return false
    if (this.#open.size >= MAX_OPEN) {
      this.#options.dropped('flood')
      return false
    }
    this.#open.add(topic)
    return true
  }

  /** It closed a topic; `false` if it had it not open. */
  closes(topic: string): boolean {
    this.#held.delete(topic)
    return this.#open.delete(topic)
  }

  /** Sends a loose value now, or keeps it until there is space, in the place of an older one of its topic. */
  offer(topic: string, frame: Uint8Array<ArrayBuffer>): void {
    this.#held.delete(topic)
    if (!this.#options.path.offer(this.id, 'topic', frame)) this.#held.set(topic, frame)
  }

  /** Sends the values that found no space, as far as there is some. */
  offerAgain(): void {
    for (const [topic, frame] of this.#held) {
      if (!this.#options.path.offer(this.id, 'topic', frame)) return
      this.#held.delete(topic)
    }
  }

  /** Whether a loose value is newer than all of its topic that came; the caller has the topic open, so that there are few. */
  isNewer(topic: string, number: number): boolean {
    if (number <= (this.#newest.get(topic) ?? 0)) return false
    this.#newest.set(topic, number)
    return true
  }
}

/** A name that says nothing. */
const FRESH = '-'
/** Topics that one participant has open at once. */
const MAX_OPEN = 64
