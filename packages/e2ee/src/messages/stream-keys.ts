import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { concatBytes } from '../bytes.ts'
import type { EpochEvent, KeySource } from '../keys/key-source.ts'
import { unknownEpochError } from '../keys/export-info.ts'
import { PAYLOAD_LABEL, recipientToBytes } from './message-cipher.ts'
import { importAndWipe } from '../web-crypto.ts'

/** Derived keys that are kept; the least recently used one goes first. spec P12 */
export const MAX_STREAM_KEYS = 512

/** What one session sends to one recipient in one epoch: everything that one key seals. spec P1 */
export interface KeyedStream {
  readonly epoch: bigint
  readonly sender: ParticipantId
  /** Left out: the room. */
  readonly recipient: ParticipantId | undefined
}

/**
 * The keys of streams, derived once and kept within a bound. A key is kept only after work under it
 * succeeded, so that strangers, who cannot make any succeed, take no place. spec P11
 */
export class StreamKeys {
  readonly #source: KeySource
  readonly #room: Uint8Array
  readonly #maxKeys: number
  /** In order of use: the first one was not used for the longest time. */
  readonly #kept = new Map<string, { readonly stream: KeyedStream; readonly key: CryptoKey }>()
  /** Derivations under way, so that messages that come together share one. */
  readonly #deriving = new Map<string, Promise<CryptoKey>>()
  /** Work under way, so that retiring an epoch reaches it; as many entries as calls. */
  readonly #working = new Set<{ readonly stream: KeyedStream; retired: boolean }>()

  constructor(options: {
    readonly source: KeySource
    readonly room: RoomId
    readonly maxKeys: number
  }) {
    this.#source = options.source
    this.#room = idToBytes(options.room)
    this.#maxKeys = options.maxKeys
  }

  /**
   * Works under the key of a stream. Work that ends with `undefined` has failed: the result is `undefined` and
   * the key is not kept for its sake.
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` when the source has not the epoch or retires it meanwhile, and
   *   whatever else the source's `export` throws
   */
  async use<T>(
    stream: KeyedStream,
    work: (key: CryptoKey) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const id = idOf(stream)
    const call = { stream, retired: false }
    this.#working.add(call)
    try {
      const key = this.#kept.get(id)?.key ?? (await this.#derive(id, stream))
      const result = call.retired ? undefined : await work(key)
      if (call.retired) throw unknownEpochError(stream.epoch)
      if (result !== undefined) this.#keep(id, { stream, key })
      return result
    } finally {
      this.#working.delete(call)
    }
  }

  /** Drops the keys of an epoch, of one sender or of all; work under way in it fails. spec P14 */
  retire({ epoch, sender }: EpochEvent): void {
    const isOver = (stream: KeyedStream): boolean =>
      stream.epoch === epoch && (sender ?? stream.sender) === stream.sender
    this.#drop(isOver)
    for (const call of this.#working) if (isOver(call.stream)) call.retired = true
  }

  /** Drops the keys of the streams from and to a peer. spec P13 */
  forget(peer: ParticipantId): void {
    this.#drop((stream) => stream.sender === peer || stream.recipient === peer)
  }

  /** Drops everything; work under way fails. */
  clear(): void {
    this.#drop(() => true)
    for (const call of this.#working) call.retired = true
  }

  #derive(id: string, stream: KeyedStream): Promise<CryptoKey> {
    const underWay = this.#deriving.get(id)
    if (underWay !== undefined) return underWay
    const derivation = this.#exportKey(stream).finally(() => {
      if (this.#deriving.get(id) === derivation) this.#deriving.delete(id)
    })
    this.#deriving.set(id, derivation)
    return derivation
  }

  async #exportKey({ epoch, sender, recipient }: KeyedStream): Promise<CryptoKey> {
    const context = concatBytes(this.#room, idToBytes(sender), recipientToBytes(recipient))
    const raw = await this.#source.export(PAYLOAD_LABEL, context, KEY_BYTES, epoch, sender)
    if (raw.length !== KEY_BYTES) {
      throw new TypeError(`the key source gave ${raw.length} bytes for a key of ${KEY_BYTES}`)
    }
    return importAndWipe(raw, 'AES-GCM', ['encrypt', 'decrypt'])
  }

  #keep(id: string, entry: { readonly stream: KeyedStream; readonly key: CryptoKey }): void {
    this.#kept.delete(id)
    this.#kept.set(id, entry)
    const [leastRecent] = this.#kept.keys()
    if (this.#kept.size > this.#maxKeys && leastRecent !== undefined) this.#kept.delete(leastRecent)
  }

  /** Derivations under way are not shared any longer: who comes now asks the source, which may have changed. */
  #drop(matches: (stream: KeyedStream) => boolean): void {
    this.#deriving.clear()
    for (const [id, { stream }] of this.#kept) if (matches(stream)) this.#kept.delete(id)
  }
}

const idOf = ({ epoch, sender, recipient }: KeyedStream): string =>
  `${epoch}.${sender}.${recipient ?? 'room'}`

const KEY_BYTES = 32
