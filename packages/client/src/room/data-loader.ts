/**
 * Loads the data of a room when an application uses it first: a room without data stays small.
 *
 * @module
 */
import type { DropCounter } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { RoomData } from '../data/room-data.ts'
import type { Topic, TopicOptions } from '../data/topic.ts'
import { ClientError } from '../errors.ts'
import { type RoomProblem, problemFrom } from '../problem.ts'
import type { RoomParts } from './join-room.ts'
import type { OwnParticipant } from './own-participant.ts'
import type { Participants } from './participants.ts'

/** The needs of {@link DataLoader}. */
export interface DataLoaderOptions {
  readonly parts: RoomParts<KeySource>
  readonly participants: Pick<Participants, 'takingData'>
  readonly drops: DropCounter<string>
  readonly own: Pick<OwnParticipant, 'takeData'>
  readonly isUp: () => boolean
  readonly report: (problem: RoomProblem) => void
}

/** Loads the data of a room once. */
export class DataLoader {
  readonly #options: DataLoaderOptions
  #loading: Promise<RoomData> | undefined
  #hasEnded = false

  constructor(options: DataLoaderOptions) {
    this.#options = options
  }

  /**
   * The data of the room.
   *
   * @throws ClientError `ERR_CLIENT_NOT_LOADED`, `ERR_CLIENT_CLOSED`
   */
  load(): Promise<RoomData> {
    if (this.#hasEnded) return Promise.reject(new ClientError('ERR_CLIENT_CLOSED', undefined))
    this.#loading ??= this.#load()
    return this.#loading
  }

  /** Opens a topic, for `room.topic`. */
  async topic<Value>(name: string, options: TopicOptions<Value>): Promise<Topic<Value>> {
    return (await this.load()).topics.open(name, options)
  }

  /** Ends the data, if it was loaded. */
  async close(): Promise<void> {
    this.#hasEnded = true
    const data = await this.#loading?.catch(() => undefined)
    data?.close()
  }

  async #load(): Promise<RoomData> {
    try {
      const { RoomData: Loaded } = await import('../data/room-data.ts')
      if (this.#hasEnded) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
      const { parts, participants, drops, own, isUp, report } = this.#options
      const data = new Loaded({
        ...{ parts, isUp: isUp(), takers: participants.takingData },
        dropped: (reason) => drops.count(reason),
        failed: (error) => report(problemFrom(error, 'ERR_CLIENT_MESSAGE_FAILED')),
      })
      void own.takeData()
      return data
    } catch (cause) {
      this.#loading = undefined
      if (this.#hasEnded) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
      throw new ClientError('ERR_CLIENT_NOT_LOADED', undefined, { cause })
    }
  }
}
