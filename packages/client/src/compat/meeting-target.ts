/**
 * The room of a meeting: its id is not secret, so it admits to the hub and opens nothing. spec R131
 *
 * @module
 */
import { textToBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import { type AccessKey, type KeySource, createAccessKey, deriveRoomId } from '@conclave/e2ee'
import { HUB_PATH } from '@conclave/wire'
import { type Kind, checkArgument } from '../arguments.ts'
import type { RoomOptions, RoomTarget } from '../room/room-api.ts'
import { hubAddress } from '../room/room-link.ts'
import { pageAddress } from './page.ts'

/** How to get to a meeting. */
export interface MeetingOptions {
  /**
   * The name of the meeting, the same for everyone, 1 to 1,024 bytes. It is no key; but whoever knows it can connect to the
   * meeting's room at the hub, take a place there and see how many are in. You should draw it at random.
   */
  readonly meetingId: string
  /** The name under which others see this session. */
  readonly name?: string | undefined
  /** The hub's WebSocket address, absolute or relative to the page; `/hub` of the page's host by default. */
  readonly hub?: string | undefined
  /** Signs the hub's challenge in the place of the meeting's name, for example on a server of yours that knows who may come. */
  readonly access?: AccessKey | undefined
  /** Everything else that `Room.join` takes. */
  readonly room?: Omit<RoomOptions, 'name' | 'hub'> | undefined
}

/**
 * The target of a meeting under the keys of a provider.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT` (rejects)
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` (rejects)
 */
export async function meetingTarget(
  { meetingId, hub = HUB_PATH, access }: MeetingOptions,
  keys: KeySource,
): Promise<RoomTarget<KeySource>> {
  checkArgument('meetingId', meetingId, MEETING_ID)
  const key = access ?? (await createAccessKey(await hashBytes(seedInput(meetingId))))
  const address = pageAddress()
  const page = address === '' ? undefined : address
  return {
    room: await deriveRoomId(key.publicKey),
    access: key,
    keys,
    hub: page === undefined && hub.startsWith('/') ? hub : hubAddress(hub, page),
  }
}

const seedInput = (meetingId: string): Uint8Array<ArrayBuffer> =>
  textToBytes(`conclave/1 meeting\0${meetingId}`)

const MEETING_ID: Kind = [
  'a text of 1 to 1024 bytes',
  (value) => {
    if (typeof value !== 'string') return false
    const { length } = textToBytes(value)
    return length > 0 && length <= 1024
  },
]
