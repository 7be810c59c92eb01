/** Fixtures of several test files: bytes to and from text, sessions, sources that count. */
import { parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { isCryptoError } from '@conclave/crypto'
import type { AnyCryptoError } from '@conclave/crypto'
import { vi } from 'vitest'
import { createSealer, isE2eeError, randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import type { AnyE2eeError, Opened, Sealer, SealerLimits } from '@conclave/e2ee'

export const hexToBytes = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

export const bytesToHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

export const bytesToText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** 32 bytes of one value: a root that tests can name. */
export const rootOf = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(value)

export function roomIdOf(text: string): RoomId {
  const id = parseRoomId(text)
  if (id === undefined) throw new Error(`no room id: ${text}`)
  return id
}

export function participantIdOf(text: string): ParticipantId {
  const id = parseParticipantId(text)
  if (id === undefined) throw new Error(`no participant id: ${text}`)
  return id
}

export const ROOM: RoomId = roomIdOf('AAAAAAAAAAAAAAAAAAAAAQ')
export const OTHER_ROOM: RoomId = roomIdOf('AAAAAAAAAAAAAAAAAAAAAg')

export interface Session {
  readonly id: ParticipantId
  readonly keys: SharedKeySource
  readonly sealer: Sealer
}

/** A session with its own key source, as on a separate device. */
export function openSession(
  options: {
    readonly root?: Uint8Array
    readonly room?: RoomId
    readonly id?: ParticipantId
    readonly limits?: SealerLimits
  } = {},
): Session {
  const { root = rootOf(1), room = ROOM, id = randomParticipantId(), limits = {} } = options
  const keys = new SharedKeySource(root)
  return { id, keys, sealer: createSealer({ keys, room, unsafeSelf: id, limits }) }
}

/** Seals one message to the room and returns its bytes. */
export async function sealText(
  session: Session,
  text: string,
  to?: ParticipantId,
): Promise<Uint8Array<ArrayBuffer>> {
  return (await session.sealer.seal({ kind: 3, to }, utf8(text))).bytes
}

/** `opened: <text>`, or the reason for which it was dropped. */
export const outcome = (opened: Opened): string =>
  opened.type === 'opened' ? `opened: ${bytesToText(opened.body)}` : opened.reason

/** Opens and tells the {@link outcome}. */
export const openText = async (
  session: Session,
  from: Session,
  bytes: Uint8Array,
): Promise<string> => outcome(await session.sealer.open(from.id, bytes))

/** Runs `make` while sealers draw this salt in place of a random one. */
export function withSalt<T>(salt: Uint8Array, make: () => T): T {
  const random = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    ;(array as Uint8Array).set(salt)
    return array
  })
  try {
    return make()
  } finally {
    random.mockRestore()
  }
}

/** The error that a promise rejects with, or that a function throws; fails when there is none. */
export async function failureOf(
  action: Promise<unknown> | (() => unknown),
): Promise<AnyE2eeError | AnyCryptoError> {
  try {
    await (typeof action === 'function' ? action() : action)
  } catch (error) {
    if (isE2eeError(error) || isCryptoError(error)) return error
    throw error
  }
  throw new Error('expected an error')
}

/** A key source whose `export` the test counts, and may change. */
export class ExportSpy extends SharedKeySource {
  exports = 0
  readonly #change: ((...given: ExportArguments) => Promise<Uint8Array<ArrayBuffer>>) | undefined

  constructor(
    root: Uint8Array,
    change?: (...given: ExportArguments) => Promise<Uint8Array<ArrayBuffer>>,
  ) {
    super(root)
    this.#change = change
  }

  override export(...given: ExportArguments): Promise<Uint8Array<ArrayBuffer>> {
    this.exports += 1
    return this.#change === undefined ? super.export(...given) : this.#change(...given)
  }
}

type ExportArguments = Parameters<SharedKeySource['export']>

/** A copy with one bit changed. */
export function flipBit(
  bytes: Uint8Array,
  index: number,
  bit: number = 0,
): Uint8Array<ArrayBuffer> {
  const changed = new Uint8Array(bytes)
  changed[index] = (changed[index] ?? 0) ^ (1 << bit)
  return changed
}
