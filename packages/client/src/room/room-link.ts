/**
 * Links to rooms: `<origin>/r/<room id>#<secret>`. The secret stays in the fragment, which browsers do not send.
 *
 * @module
 */
import {
  type LinkSecret,
  deriveLinkKeys,
  encodeLinkSecret,
  generateLinkSecret,
  parseLinkSecret,
} from '@conclave/e2ee'
import { type RoomId, parseRoomId } from '@conclave/wire'
import type { LinkProblem } from '../errors.ts'

/** What a link says, or why it cannot be used. */
export type RoomLink =
  | { readonly type: 'ok'; readonly room: RoomId; readonly secret: LinkSecret }
  | { readonly type: 'invalid'; readonly reason: LinkProblem }

/**
 * A link to a new room on `origin`. Nothing is asked of any server: a room is there when somebody joins it.
 *
 * You must treat the link like a key: whoever has it can join, and read along.
 */
export async function createRoomLink(origin: string): Promise<string> {
  const secret = generateLinkSecret()
  const { room, keys } = await deriveLinkKeys(secret)
  keys.close()
  return `${new URL(origin).origin}/r/${room}#${encodeLinkSecret(secret)}`
}

/** Reads a link. Whatever the text is, the answer is a value and never an exception spec R1. */
export async function parseRoomLink(href: string): Promise<RoomLink> {
  const url = parseUrl(href)
  const room = parseRoomId(url === undefined ? undefined : ROOM_PATH.exec(url.pathname)?.[1])
  if (url === undefined || room === undefined) return invalid('not-a-room')
  if (url.hash.length <= 1) return invalid('missing-secret')
  const secret = parseLinkSecret(url.hash.slice(1))
  if (secret === undefined) return invalid('damaged-secret')
  const derived = await deriveLinkKeys(secret)
  derived.keys.close()
  return derived.room === room ? { type: 'ok', room, secret } : invalid('wrong-secret')
}

const parseUrl = (href: string): URL | undefined => {
  try {
    return new URL(href)
  } catch {
    return undefined
  }
}

const invalid = (reason: LinkProblem): RoomLink => ({ type: 'invalid', reason })

const ROOM_PATH = /^\/r\/([^/]+)\/?$/
