/**
 * The composition of a room: link, support, keys, transport, messages and media of one session.
 *
 * @module
 */
import { type Clock, equalBytes, systemClock } from '@conclave/base'
import type { KeySource, Sealer } from '@conclave/e2ee'
import { deriveOwnerFingerprint } from '@conclave/e2ee/authority'
import { type SessionKeys, certifySession, createSessionKeys } from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { Admission } from '../admission/admission.ts'
import {
  type Governance,
  type OwnOwner,
  composeGovernance,
} from '../admission/compose-admission.ts'
import {
  ACCESS_KEY,
  ADDRESS,
  OWNER_FINGERPRINT,
  ROOM_ID,
  checkArgument,
  checkMembers,
  optional,
  wrongArgument,
} from '../arguments.ts'
import { MediaSigners } from '../call/media-signers.ts'
import type { MediaContext, MediaTransport } from '../call/media-transport.ts'
import { MeshTransport } from '../call/mesh-transport.ts'
import { SessionData } from '../call/session-data.ts'
import { SignalDriver } from '../call/signal-driver.ts'
import { namedIceServers } from '../call/named-ice-servers.ts'
import { ClientError } from '../errors.ts'
import { abortedError } from '../hub/connection-end.ts'
import { HubTransport } from '../hub/hub-transport.ts'
import { pageWakeSignals } from '../hub/wake-signals.ts'
import { MAX_NAME_LENGTH, type ParticipantInfo } from '../messages/bodies.ts'
import type { Introductions } from '../messages/introductions.ts'
import { RoomMessages } from '../messages/room-messages.ts'
import { certifyOwnPerson } from '../persons/own-person.ts'
import { derivePersonId } from '../persons/person-id.ts'
import { RoomPersons } from '../persons/room-persons.ts'
import type { Transport } from '../transport.ts'
import type { RoomOptions, RoomTarget } from './room-api.ts'
import { type RoomLink, hubAddress, parseRoomLink } from './room-link.ts'
import { HUB, KEY_SOURCE, LINK, MEDIA_TRANSPORT, OPTIONS, TRANSPORT } from './room-kinds.ts'
import { createRoomSealer, faultOfKeys } from './room-sealer.ts'
import { checkSupport } from './support.ts'

/** The parts of one session, not yet connected to the hub. */
export interface RoomParts<Keys extends KeySource> {
  readonly room: RoomId
  readonly self: ParticipantId
  readonly name: string
  readonly keys: Keys
  /** The keys under which this session speaks to the room, and seals its media. spec R46 */
  readonly streamKeys: KeySource
  readonly transport: Transport
  readonly messages: RoomMessages
  /** Seals and opens what the session says. */
  readonly sealer: Sealer
  readonly signals: SignalDriver
  /** Seals data on connections with other sessions. */
  readonly data: SessionData
  readonly media: MediaTransport | undefined
  /** The servers of all connections of this session. spec R220, R185 */
  readonly iceServers: MediaContext['iceServers']
  readonly iceTransportPolicy: MediaContext['iceTransportPolicy']
  /** The sessions that sign their media. */
  readonly signers: MediaSigners
  /** The first information that this session gives about itself. */
  readonly info: ParticipantInfo
  readonly clock: Clock
  readonly session: SessionKeys
  /** Left out where sessions do not introduce themselves. spec R45 */
  readonly introductions: Introductions | undefined
  readonly persons: RoomPersons
  /** Judges who belongs to the room. */
  readonly governance: Governance
  /** Closes what was made for this session: the sealer, and the keys if they were derived from a link here. */
  release(): void
}

/**
 * Makes the parts of a session for a link, for the answer of `parseRoomLink`, or for a target.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`; ClientError `ERR_CLIENT_LINK_INVALID`, `ERR_CLIENT_UNSUPPORTED`
 */
export async function composeRoom<Keys extends KeySource>(
  given: string | RoomTarget<Keys>,
  options: RoomOptions,
): Promise<RoomParts<Keys>> {
  checkMembers('options', options, OPTIONS)
  checkArgument('link', given, LINK)
  if (options.signal?.aborted) throw abortedError(options.signal)
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
  const url = checkTarget(target, options)
  await checkMedia(options.media)
  const { room } = target
  const session = await createSessionKeys()
  const self = session.id
  const clock = options.clock ?? systemClock
  const keys = typeof target.keys === 'function' ? target.keys(self) : target.keys
  const name = cleanName(options.name)
  checkArgument('keys', keys, KEY_SOURCE)
  try {
    await keys.bind?.({ room, self })
  } catch (error) {
    throw faultOfKeys(error, keys)
  }
  // Participants with their own keys have no introductions, which bring a person to the others. spec R45
  const isShared = keys.mode !== 'participant'
  const { signingKey } = session
  if (options.signedMedia === true && !isShared) {
    throw wrongArgument('signedMedia', true, 'a room whose sessions introduce themselves')
  }
  const owner = isShared ? await ownerOf(target, { options, signingKey }) : undefined
  const place = { room, clock, signingKey, keys: options.owner?.signingKeys }
  const own = isShared ? await certifyOwnPerson(options.persons, place) : undefined
  const certificate = owner?.certificate ?? (own === 'failed' ? undefined : own?.certificate)
  const certifying = certificate && {
    id: await derivePersonId(certificate.personKey, { room }),
    certificate,
  }
  const admission = new Admission({
    ...{ room, self, clock, personKey: certificate?.personKey },
    owner: isShared && isOwned(target) ? target.ownerFingerprint : undefined,
  })
  await admission.restore(options.statements ?? [])
  const nameToAsk = (): string => (admission.isInside ? '' : name)
  const { sealer, keysOf, introductions, ownKeys } = createRoomSealer({
    ...{ keys, room, session, owner: admission.owner, person: certificate, name: nameToAsk, clock },
  })
  let governance: Governance | undefined
  const closeOwn = (): void => {
    governance?.close()
    admission.close()
    sealer.close()
    introductions?.close()
    ownKeys?.close()
    session.close()
  }
  const release = (): void => {
    closeOwn()
    closeKeys()
  }
  try {
    const transport = createTransport(target, { url, session, keys, clock, options })
    const { signedMedia: isSigner = false } = options
    const info = { name, published: {}, ...(isSigner && { signsMedia: true as const }) }
    const signers = new MediaSigners(isSigner ? session : undefined)
    const messages = new RoomMessages({
      ...{ transport, sealer, introductions, admission, self, clock, info },
      ...{ ownKeys, keyLimits: options.keyLimits },
    })
    governance = composeGovernance({
      ...{
        room,
        session,
        admission,
        messages,
        introductions,
        transport,
        owner,
        certificate,
        clock,
      },
      flooded: () => messages.flooded(),
      fingerprint: admission.owner,
    })
    const signals = new SignalDriver({ messages, room, self })
    const streamKeys: KeySource = ownKeys ?? keys
    const { signedMedia } = signers
    const { iceServers = namedIceServers(transport), iceTransportPolicy } = options
    const data = new SessionData({ room, self, keysOf })
    const context = {
      room,
      self,
      keys: streamKeys,
      driver: signals,
      data,
      clock,
      signedMedia,
      iceServers,
      iceTransportPolicy,
    }
    const media = createMedia(context, options)
    const persons = new RoomPersons({
      ...{ room, session, root: keys, messages, introductions, clock, own, certifying },
    })
    const made = {
      transport,
      messages,
      sealer,
      signals,
      data,
      media,
      introductions,
      governance,
      release,
      signers,
      info,
      iceServers,
      iceTransportPolicy,
    }
    return { room, self, name, keys, streamKeys, clock, session, persons, ...made }
  } catch (error) {
    closeOwn()
    throw error
  }
}

/** Whether somebody owns the room of a target. spec K1 */
const isOwned = ({ ownerFingerprint }: RoomTarget): boolean =>
  ownerFingerprint?.some((byte) => byte !== 0) === true

/** The owner on this device, whose word for the session is that of a person. spec R76 */
const ownerOf = async (
  target: RoomTarget,
  { options, signingKey }: { readonly options: RoomOptions; readonly signingKey: Uint8Array },
): Promise<OwnOwner | undefined> => {
  const { owner: keys } = options
  if (keys === undefined) return undefined
  const fingerprint = await deriveOwnerFingerprint(keys.publicKey)
  if (!equalBytes(fingerprint, target.ownerFingerprint ?? new Uint8Array())) {
    throw wrongArgument('owner', keys, "the keys of this room's owner")
  }
  const certificate = await certifySession(keys.signingKeys, { room: target.room, signingKey })
  return { keys, certificate }
}

const createMedia = (context: MediaContext, options: RoomOptions): MediaTransport | undefined => {
  const { media } = options
  if (media === false) return undefined
  if (typeof media !== 'function') return new MeshTransport(context, options)
  const made = media(context)
  checkArgument('media', made, MEDIA_TRANSPORT)
  return made
}

/**
 * The link, if it can be used.
 *
 * @throws ClientError `ERR_CLIENT_LINK_INVALID`
 */
export function requireOpened(link: RoomLink): Extract<RoomLink, { type: 'ok' }> {
  if (link.type === 'ok') return link
  throw new ClientError('ERR_CLIENT_LINK_INVALID', { reason: link.reason })
}

/**
 * Checks the parts of a target and returns the hub's address, if it is to be called there.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`
 */
export function checkTarget(target: RoomTarget, options: RoomOptions): string {
  // An answer of `parseRoomLink` that the caller did not check.
  if ('type' in target) requireOpened(target as unknown as RoomLink)
  checkArgument('room', target.room, ROOM_ID)
  checkArgument('ownerFingerprint', target.ownerFingerprint, optional(OWNER_FINGERPRINT))
  const { hub } = target
  if (options.transport !== undefined) return ''
  checkArgument('hub', hub, HUB)
  if (typeof hub === 'function') return ''
  checkArgument('access', target.access, ACCESS_KEY)
  const url = addressOf(options.hub, hub)
  checkArgument('hub', url, ADDRESS)
  return url
}

const addressOf = (address: string | undefined, base: string): string => {
  try {
    return address === undefined ? hubAddress(base) : hubAddress(address, base)
  } catch {
    return ''
  }
}

const checkMedia = async (media: RoomOptions['media']): Promise<void> => {
  if (media === false || typeof media === 'function') return
  const support = await checkSupport()
  if (support.supported) return
  const { missing } = support
  const message = `this browser lacks ${missing.join(', ')}, which encrypted calls need`
  throw new ClientError('ERR_CLIENT_UNSUPPORTED', { missing }, { message })
}

/** The transport of a session to the hub of a target that was checked. */
export function createTransport(
  { room, access, hub, ownerFingerprint }: RoomTarget,
  context: {
    readonly url: string
    readonly session: SessionKeys
    readonly keys: KeySource
    readonly clock: Clock
    readonly options: RoomOptions
  },
): Transport {
  const { url, session, keys, clock, options } = context
  const make = options.transport ?? hub
  const wakeSignals = options.wakeSignals ?? pageWakeSignals()
  if (typeof make === 'function') {
    const made = make(session.id, { room, keys, session, clock, wakeSignals })
    checkArgument('transport', made, TRANSPORT)
    return made
  }
  if (access === undefined) throw new Error('unreachable: "access" was checked')
  const { authorize } = options
  return new HubTransport({
    ...{ url, room, ownerFingerprint, session, access, authorize },
    ...{ clock, wakeSignals },
  })
}
