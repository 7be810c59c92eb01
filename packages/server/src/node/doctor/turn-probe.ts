import { openStunLink, parseStunAddress } from './stun-link.ts'
import type { StunLink } from './stun-link.ts'
import {
  credentialKey,
  encodePeer,
  encodeRequest,
  STUN_ATTRIBUTES,
  STUN_TYPES,
} from './stun-message.ts'
import type { StunAnswer } from './stun-message.ts'

/** How a STUN or TURN server answered. */
export type RelayVerdict =
  /** It relays, to public addresses if `isOpen`; `reaches` are the addresses of private networks that it would relay to. */
  | { readonly type: 'relays'; readonly isOpen: boolean; readonly reaches: readonly string[] }
  | { readonly type: 'answers' }
  | { readonly type: 'unreachable' }
  /** It refuses, with a code of RFC 8656 §18: 401 for credentials that it does not take. */
  | { readonly type: 'refuses'; readonly code: number }

/** Tries a server as a browser would: asks it for a relay, and whether that leads into private networks. Never throws. */
export async function probeRelay(
  {
    url,
    username = '',
    credential = '',
  }: { readonly url: string; readonly username?: string; readonly credential?: string },
  {
    timeoutMs = 3000,
    rejectUnauthorized = true,
  }: { timeoutMs?: number; rejectUnauthorized?: boolean } = {},
): Promise<RelayVerdict> {
  const address = parseStunAddress(url)
  if (address === undefined) return { type: 'unreachable' }
  let link: StunLink | undefined
  try {
    link = await openStunLink(address, { timeoutMs, rejectUnauthorized })
    return address.isTurn ? await allocate(link, { username, credential }) : await bind(link)
  } catch {
    return { type: 'unreachable' }
  } finally {
    link?.close()
  }
}

async function bind(link: StunLink): Promise<RelayVerdict> {
  const answer = await link.ask(encodeRequest(STUN_TYPES.binding, {}))
  return answer === undefined ? { type: 'unreachable' } : { type: 'answers' }
}

async function allocate(
  link: StunLink,
  { username, credential }: { readonly username: string; readonly credential: string },
): Promise<RelayVerdict> {
  const transport = Buffer.from([17, 0, 0, 0]) // UDP
  const plain = new Map([[STUN_ATTRIBUTES.transport, transport]])
  const challenge = await link.ask(encodeRequest(STUN_TYPES.allocate, { attributes: plain }))
  if (challenge === undefined) return { type: 'unreachable' }
  const realm = challenge.attributes.get(STUN_ATTRIBUTES.realm)
  const nonce = challenge.attributes.get(STUN_ATTRIBUTES.nonce)
  if (realm === undefined || nonce === undefined)
    return { type: 'refuses', code: challenge.error ?? 0 }
  const key = credentialKey({ username, realm: realm.toString(), password: credential })
  const ask = (
    type: number,
    given: readonly (readonly [number, Buffer])[],
  ): Promise<StunAnswer | undefined> => {
    const attributes = new Map([
      ...given,
      [STUN_ATTRIBUTES.username, Buffer.from(username)] as const,
      [STUN_ATTRIBUTES.realm, realm] as const,
      [STUN_ATTRIBUTES.nonce, nonce] as const,
    ])
    return link.ask(encodeRequest(type, { attributes, key }))
  }
  const allocated = await ask(STUN_TYPES.allocate, [[STUN_ATTRIBUTES.transport, transport]])
  if (allocated === undefined) return { type: 'unreachable' }
  if (allocated.error !== undefined) return { type: 'refuses', code: allocated.error }
  const reaches: string[] = []
  for (const address of [PUBLIC, ...PRIVATE]) {
    // Permits the relay to send to it, and sends nothing. RFC 8656 §9
    const peer = [STUN_ATTRIBUTES.peer, encodePeer(address, 80)] as const
    const answer = await ask(STUN_TYPES.createPermission, [peer])
    if (answer !== undefined && answer.error === undefined) reaches.push(address)
  }
  await ask(STUN_TYPES.refresh, [[STUN_ATTRIBUTES.lifetime, Buffer.alloc(4)]])
  const isOpen = reaches[0] === PUBLIC
  return { type: 'relays', isOpen, reaches: reaches.filter((address) => address !== PUBLIC) }
}

/** An address that everybody may reach. */
const PUBLIC = '1.1.1.1'
/** One address of each network that a relay must keep out of: its own machine, private ones, and that of the metadata of clouds. */
const PRIVATE = [
  '127.0.0.1',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.0.1',
]
