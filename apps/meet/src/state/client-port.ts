/**
 * The part of the client that the app uses. View models are built on it, so that their tests run
 * in Node without WebRTC; the composition root passes the real client.
 *
 * @module
 */
import type { Participant, Room, RoomLink, RoomOptions, Support } from '@conclave/client'

/** A joined room, as far as a call uses it. */
export interface CallPort extends Pick<
  Room,
  | 'id'
  | 'self'
  | 'state'
  | 'closed'
  | 'publish'
  | 'unpublish'
  | 'setEnabled'
  | 'on'
  | 'leave'
  | 'leaveNow'
> {
  readonly participants: ReadonlyMap<string, Participant>
  readonly chat: Pick<Room['chat'], 'messages' | 'send'>
}

/** What the app asks of the client before there is a room. */
export interface ClientPort {
  checkSupport(): Promise<Support>
  createRoomLink(origin: string): Promise<string>
  parseRoomLink(href: string): Promise<RoomLink>
  join(link: string, options: RoomOptions): Promise<CallPort>
}

/** Why a call ended for this session. */
export type CallEnd = Awaited<Room['closed']>['reason']

/** Why a link opens no room. */
export type LinkFault = Extract<RoomLink, { type: 'invalid' }>['reason']
