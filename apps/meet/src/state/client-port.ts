/**
 * The part of the client that the app uses. View models are built on it, so that their tests run
 * in Node without WebRTC; the composition root passes the real client.
 *
 * @module
 */
import type {
  DecodedOwnerKeys,
  OpenedRoomLink,
  Participant,
  Room,
  RoomLink,
  RoomLook,
  RoomOptions,
  RoomSnapshot,
  Support,
} from '@conclave/client'

/** A joined room, as far as a call uses it. */
export interface CallPort extends Pick<
  Room,
  | 'id'
  | 'subscribe'
  | 'closed'
  | 'publish'
  | 'unpublish'
  | 'setEnabled'
  | 'setName'
  | 'confirm'
  | 'watch'
  | 'on'
  | 'authority'
  | 'leave'
  | 'leaveNow'
  | 'properties'
> {
  readonly snapshot: CallSnapshot
  readonly chat: Pick<Room['chat'], 'send'>
}

/** The room at one moment, with ids as plain text. */
export interface CallSnapshot extends Omit<RoomSnapshot, 'participants'> {
  readonly participants: ReadonlyMap<string, Participant>
}

/** The part of the client that is used before there is a room. */
export interface ClientPort {
  checkSupport(): Promise<Support>
  createRoomLink(base: string): Promise<string>
  /** Gives everyone in a room a new link: its path below the address of the app. */
  newLink(room: CallPort): Promise<string>
  /** The key of a room's owner as text; `undefined` if it is not here, or bound to this browser. */
  ownerKey(room: CallPort): Promise<string | undefined>
  /** Keeps an owner's key that the person entered, for the next join; or says why it is none of this room. */
  keepOwnerKey(
    room: CallPort,
    entered: { readonly link: OpenedRoomLink; readonly text: string },
  ): Promise<OwnerKeyFault | undefined>
  /** Whether this browser made the room. */
  isMaker(room: CallPort): Promise<boolean>
  parseRoomLink(href: string): Promise<RoomLink>
  join(link: OpenedRoomLink, options: RoomOptions): Promise<CallPort>
  lookInside(link: OpenedRoomLink): Promise<LookPort>
}

/** Why a text is not the key of a room's owner. */
export type OwnerKeyFault = Extract<DecodedOwnerKeys, { type: 'refused' }>['reason']

/** A look into a room from its lobby. */
export type LookPort = Pick<RoomLook, 'snapshot' | 'subscribe' | 'close'>

/** Why a call ended for this session; `unadmitted`: nobody let it in. */
export type CallEnd = Awaited<Room['closed']>['reason'] | 'unadmitted'

/** Why a link opens no room. */
export type LinkFault = Extract<RoomLink, { type: 'invalid' }>['reason']
