/**
 * The composition of a room: link, support, keys, transport, messages and media of one session.
 *
 * @module
 */
import { type Clock, checkMethods, systemClock } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import { type SessionKeys, createSessionKeys, createSessionSealer } from '@conclave/e2ee/session'
import { type ParticipantId, type RoomId, parseRoomId } from '@conclave/wire'
import type { MediaContext, MediaTransport } from '../call/media-transport.ts'
import { MeshTransport } from '../call/mesh-transport.ts'
import { SignalDriver } from '../call/signal-driver.ts'
import { ClientError } from '../errors.ts'
import { HubTransport } from '../hub/hub-transport.ts'
import { pageWakeSignals } from '../hub/wake-signals.ts'
import { MAX_NAME_LENGTH } from '../messages/bodies.ts'
import { RoomMessages } from '../messages/room-messages.ts'
import type { Transport } from '../transport.ts'
import type { RoomOptions, RoomTarget } from './room-api.ts'
import { type RoomLink, hubAddress, parseRoomLink } from './room-link.ts'
import { checkSupport } from './support.ts'

/** The parts of one session, not yet connected to the hub. */
export interface RoomParts<Keys extends KeySource> {
  readonly room: RoomId
  readonly self: ParticipantId
  readonly name: string
  readonly keys: Keys
  readonly transport: Transport
  readonly messages: RoomMessages
  readonly signals: SignalDriver
  readonly media: MediaTransport | undefined
  readonly clock: Clock
  /** Closes what was made for this session: the sealer, and the keys if they were derived from a link here. */
  release(): void
}

/**
 * Makes the parts of a session for a link, for the answer of `parseRoomLink`, or for a target.
 *
 * @throws TypeError for a target with a part that is none; ClientError `ERR_CLIENT_LINK_INVALID`,
 *   `ERR_CLIENT_UNSUPPORTED`
 */
export async function composeRoom<Keys extends KeySource>(
  given: string | RoomTarget<Keys>,
  options: RoomOptions,
): Promise<RoomParts<Keys>> {
  if (typeof given !== 'string') return compose(given, options, () => {})
  const link = requireOpened(
    await parseRoomLink(given).catch(async (error: unknown) => {
      // It says everything that a call lacks here, cryptography included.
      await checkMedia(options.media)
      throw error
    }),
  )
  const closeKeys = (): void => link.keys.close()
  try {
    return await compose(link as unknown as RoomTarget<Keys>, options, closeKeys)
  } catch (error) {
    closeKeys()
    throw error
  }
}

/** A name as others see it. */
export function cleanName(name = ''): string {
  return name.trim().slice(0, MAX_NAME_LENGTH)
}

const compose = async <Keys extends KeySource>(
  target: RoomTarget<Keys>,
  options: RoomOptions,
  closeKeys: () => void,
): Promise<RoomParts<Keys>> => {
  checkTarget(target, options)
  await checkMedia(options.media)
  const { room } = target
  const session = await createSessionKeys()
  const self = session.id
  const clock = options.clock ?? systemClock
  const keys = typeof target.keys === 'function' ? target.keys(self) : target.keys
  checkMethods('keys', keys, 'export', 'on')
  const name = cleanName(options.name)
  const sealer = createSessionSealer({ keys, room, session })
  const transport = createTransport(target, { session, clock, options })
  const info = { name, published: {} }
  const messages = new RoomMessages({ transport, sealer, self, clock, info })
  const signals = new SignalDriver({ messages, room, self })
  const media = createMedia({ room, self, keys, driver: signals, clock }, options)
  const release = (): void => {
    sealer.close()
    session.close()
    closeKeys()
  }
  return { room, self, name, keys, transport, messages, signals, media, clock, release }
}

const createMedia = (context: MediaContext, options: RoomOptions): MediaTransport | undefined => {
  const { media } = options
  if (media === false) return undefined
  return typeof media === 'function' ? media(context) : new MeshTransport(context, options)
}

const requireOpened = (link: RoomLink): Extract<RoomLink, { type: 'ok' }> => {
  if (link.type === 'ok') return link
  throw new ClientError('ERR_CLIENT_LINK_INVALID', { reason: link.reason })
}

const checkTarget = (target: RoomTarget, options: RoomOptions): void => {
  // An answer of `parseRoomLink` that the caller did not check.
  if ('type' in target) requireOpened(target as unknown as RoomLink)
  if (parseRoomId(target.room) === undefined) {
    throw new TypeError('"room" expected a room id')
  }
  if (typeof target.hub !== 'function' && options.transport === undefined) {
    if (typeof target.hub !== 'string') {
      throw new TypeError('"hub" expected an address or a function that makes a transport')
    }
    checkMethods('access', target.access, 'sign')
  }
}

const checkMedia = async (media: RoomOptions['media']): Promise<void> => {
  if (media === false || typeof media === 'function') return
  const support = await checkSupport()
  if (!support.supported) {
    throw new ClientError('ERR_CLIENT_UNSUPPORTED', { missing: support.missing })
  }
}

const createTransport = (
  { room, access, hub }: RoomTarget,
  context: {
    readonly session: SessionKeys
    readonly clock: Clock
    readonly options: RoomOptions
  },
): Transport => {
  const { session, clock, options } = context
  if (options.transport !== undefined) return options.transport(session.id)
  if (typeof hub === 'function') return hub(session.id)
  if (access === undefined) throw new Error('unreachable: "access" was checked')
  const url = options.hub === undefined ? hubAddress(hub) : hubAddress(options.hub, hub)
  const wakeSignals = options.wakeSignals ?? pageWakeSignals()
  return new HubTransport({ url, room, session, access, clock, wakeSignals })
}
