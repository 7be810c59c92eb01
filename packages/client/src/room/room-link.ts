/**
 * Links to rooms: `<address of the app>r/<room id>#<secret>`. The secret stays in the fragment, which browsers do not send.
 *
 * @module
 */
import {
  type LinkKeys,
  type LinkSecret,
  deriveLinkKeys,
  encodeLinkSecret,
  generateLinkSecret,
  parseLinkSecret,
} from '@conclave/e2ee'
import { type OwnerKeys, deriveOwnerFingerprint } from '@conclave/e2ee/authority'
import { HUB_PATH, parseRoomId } from '@conclave/wire'
import { type Kind, OBJECT, OWNER, checkArgument, optional } from '../arguments.ts'
import type { LinkProblem } from '../errors.ts'

/** A link that opens a room, with its keys: derived here once, for every join with it. */
export interface OpenedRoomLink extends LinkKeys {
  readonly type: 'ok'
  readonly secret: LinkSecret
  /** The fingerprint of the room's owner, 16 bytes; zeros when nobody owns the room. */
  readonly ownerFingerprint: Uint8Array
  /** The WebSocket address of the hub on the link's host, beside `r/`. */
  readonly hub: string
}

/** The meaning of a link, or why it cannot be used. */
export type RoomLink = OpenedRoomLink | { readonly type: 'invalid'; readonly reason: LinkProblem }

/** The owner of a new room. */
export interface RoomLinkOptions {
  /**
   * Fresh keys of `generateOwnerKeys`, which you keep, and give to `Room.join`: whoever has them says who comes into the
   * room. Left out: nobody owns the room, and everyone who has the link comes in.
   */
  readonly owner?: OwnerKeys | undefined
}

/**
 * A link to a new room of the app at `base`: an origin, or an address with a path that ends with a slash. No server is asked: a room exists when a participant joins it.
 *
 * You must treat the link like a key: everyone who has it can come in, unless the room's owner sets another rule.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT` for anything but the address of a web page, and for other keys
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function createRoomLink(base: string, options: RoomLinkOptions = {}): Promise<string> {
  checkArgument('base', base, WEB_ADDRESS)
  checkArgument('options', options, OBJECT)
  checkArgument('owner', options.owner, optional(OWNER))
  const ownerFingerprint = options.owner && (await deriveOwnerFingerprint(options.owner.publicKey))
  const secret = generateLinkSecret({ ownerFingerprint })
  const { room, keys } = await deriveLinkKeys(secret)
  keys.close()
  return new URL(`r/${room}#${encodeLinkSecret(secret)}`, base).href
}

/**
 * Reads a link and derives its keys. For any text the answer is a value and never an exception. `Room.join` takes it,
 * as often as you like. You must close its `keys` when the last room that was joined with them has ended. spec R1
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` when the platform has no Ed25519 that works
 */
export async function parseRoomLink(href: string): Promise<RoomLink> {
  const url = parseUrl(href)
  const [, path, id] = ROOM_PATH.exec(url?.pathname ?? '') ?? []
  const room = parseRoomId(id)
  if (url === undefined || room === undefined) return invalid('not-a-room')
  if (url.hash.length <= 1) return invalid('missing-secret')
  const secret = parseLinkSecret(SECRET.exec(url.hash)?.[1])
  if (secret === undefined) return invalid('damaged-secret')
  const derived = await deriveLinkKeys(secret)
  if (derived.room === room) {
    const { ownerFingerprint } = secret
    const hub = hubAddress(path + HUB_PATH, href)
    return { type: 'ok', secret, ownerFingerprint, hub, ...derived }
  }
  derived.keys.close()
  return invalid('wrong-secret')
}

/** The WebSocket address of a hub, absolute or relative to `base`. */
export function hubAddress(address: string, base?: string): string {
  const url = new URL(address, base)
  url.protocol = url.protocol.replace(/^http/, 'ws')
  url.hash = ''
  return url.href
}

const parseUrl = (href: string): URL | undefined => {
  try {
    return new URL(href)
  } catch {
    return undefined
  }
}

const invalid = (reason: LinkProblem): RoomLink => ({ type: 'invalid', reason })

const WEB_ADDRESS: Kind = [
  'the address of a web page',
  (value) => typeof value === 'string' && /^https?:$/.test(parseUrl(value)?.protocol ?? ''),
]
/** Not with two slashes at the beginning: the hub's address would name another host. */
const ROOM_PATH = /^(\/[^/].*|)\/r\/([^/]+)\/?$/
/** Behind it may stand what a program added: a full stop, a bracket, a text fragment. */
const SECRET = /^#([\w-]+)/
