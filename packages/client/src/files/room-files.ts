/**
 * The files of a room: the small part of them that every room has. The rest is loaded when a file is sent or offered.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { isFileName, isFileType, toFileName } from '@conclave/e2ee/files'
import type { ParticipantId } from '@conclave/wire'
import {
  EVENT_TARGET,
  type Kind,
  OBJECT,
  checkArgument,
  optional,
  withMethods,
  wrongArgument,
} from '../arguments.ts'
import { ClientError } from '../errors.ts'
import type { DataPath } from '../data/data-path.ts'
import type { FileDrop, FileExchange } from './file-exchange.ts'
import type { dataFilePath as DataFilePath } from './data-file-path.ts'
import type { FileSending, sendingOf as SendingOf } from './file-sending.ts'
import type { IncomingFile } from './file-api.ts'

/** How a file is sent. */
export interface SendFileOptions {
  /** The receivers; left out: everyone in the room now. */
  readonly to?: ParticipantId | readonly ParticipantId[] | undefined
  /** The name that receivers see; left out: that of a `File`, with `_` for what is forbidden, or `file`. spec R202 */
  readonly name?: string | undefined
  /** As `name`: a media type. */
  readonly type?: string | undefined
  /** Cancels the file at all receivers. */
  readonly signal?: AbortSignal | undefined
}

/** The needs of {@link RoomFiles}. */
export interface RoomFilesOptions {
  readonly clock: Clock
  /** The data of the room, once it is loaded. */
  readonly data: () => Promise<DataPath>
  readonly send: (to: ParticipantId, body: Uint8Array<ArrayBuffer>) => Promise<void>
  /** Everyone in the roster. */
  readonly participants: () => readonly ParticipantId[]
  readonly offered: (file: IncomingFile) => void
  readonly drop: (reason: FileDrop) => void
}

/** Files between the participants of a room. `room.files`. */
export class RoomFiles {
  readonly #options: RoomFilesOptions
  #loading: Promise<Loaded> | undefined
  #waiting = 0
  #takesFiles = false
  #hasEnded = false

  get [Symbol.toStringTag](): string {
    return 'RoomFiles'
  }

  constructor(options: RoomFilesOptions) {
    this.#options = options
  }

  /**
   * Offers a file to participants. Resolves when it is offered; nothing of it is sent to anybody who does not accept it. It is read while
   * it is sent: it must stay as it is. spec R190
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`, also for somebody who is not in the room
   * @throws ClientError `ERR_CLIENT_FILE` with the reason `too-large` or `too-many`, `ERR_CLIENT_NOT_LOADED`, `ERR_CLIENT_ABORTED`,
   *   `ERR_CLIENT_CLOSED`
   */
  async send(file: Blob, options: SendFileOptions = {}): Promise<FileSending> {
    checkArgument('file', file, BLOB)
    checkArgument('options', options, OBJECT)
    const { signal } = options
    checkArgument('name', options.name, optional(NAME))
    checkArgument('type', options.type, optional(TYPE))
    checkArgument('signal', signal, optional(EVENT_TARGET))
    const to = this.#receivers(options.to)
    const own = (file as Partial<File>).name
    const name = options.name ?? toFileName(own) ?? 'file'
    const type = options.type ?? (isFileType(file.type) ? file.type : '')
    const { exchange, sendingOf } = await this.#load()
    if (signal?.aborted) {
      throw new ClientError('ERR_CLIENT_ABORTED', undefined, { cause: signal.reason })
    }
    // Some may have left meanwhile.
    const here = to.filter((id) => this.#options.participants().includes(id))
    const content = { content: file, name, type, size: file.size }
    const sending = sendingOf(exchange.offer(content, here))
    const cancel = (): void => sending.cancel()
    signal?.addEventListener('abort', cancel)
    void sending.done.then(() => signal?.removeEventListener('abort', cancel))
    return sending
  }

  /** The application listens for offers from now on. spec R192 */
  listened(): void {
    this.#takesFiles = true
  }

  /** Takes a message about a file from a session of the roster. */
  receive(from: ParticipantId, body: Uint8Array): void {
    // Those that come while the code is loaded keep their order.
    if (this.#waiting >= MAX_WAITING) return this.#options.drop('flood')
    this.#waiting += 1
    const isOver = (): void => {
      this.#waiting -= 1
    }
    void this.#load()
      .then(({ exchange }) => exchange.receive(from, body))
      .then(isOver, isOver)
  }

  /** A participant left the roster. */
  left(participant: ParticipantId): void {
    void this.#loading?.then(({ exchange }) => exchange.left(participant)).catch(() => {})
  }

  /** The session ends, and its transfers with it. */
  close(): void {
    this.#hasEnded = true
    void this.#loading?.then(({ exchange }) => exchange.close()).catch(() => {})
  }

  #receivers(to: SendFileOptions['to']): readonly ParticipantId[] {
    const here = this.#options.participants()
    if (to === undefined) return here
    const named = typeof to === 'string' ? [to] : to
    const isList = Array.isArray(named) && named.every((id) => here.includes(id as ParticipantId))
    if (!isList || named.length === 0) {
      throw wrongArgument('to', to, 'participants of the room')
    }
    return [...new Set(named as readonly ParticipantId[])]
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#loadNow().catch((error: unknown) => {
      // The next call tries again.
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  async #loadNow(): Promise<Loaded> {
    const { clock, send, drop, offered } = this.#options
    const [code, data] = await Promise.all([importCode(), this.#options.data()])
    if (this.#hasEnded) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    const exchange = new code.FileExchange({
      ...{ clock, path: code.dataFilePath(data), send, drop },
      offered: (file) => {
        if (this.#takesFiles) offered(file)
        return this.#takesFiles
      },
    })
    return { exchange, sendingOf: code.sendingOf }
  }
}

interface Code {
  readonly FileExchange: typeof FileExchange
  readonly sendingOf: typeof SendingOf
  readonly dataFilePath: typeof DataFilePath
}

interface Loaded {
  readonly exchange: FileExchange
  readonly sendingOf: typeof SendingOf
}

const importCode = async (): Promise<Code> => {
  try {
    return await import('./file-exchange.ts')
  } catch (cause) {
    throw new ClientError('ERR_CLIENT_NOT_LOADED', undefined, { cause })
  }
}

const MAX_WAITING = 256
const BLOB: Kind = withMethods('slice', 'arrayBuffer')
const NAME: Kind = ['the name of a file, without folders', isFileName]
const TYPE: Kind = ['a media type', isFileType]
