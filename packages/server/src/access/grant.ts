import { isRecord } from '@conclave/base'
import { isDeviceName, isUserName } from '@conclave/wire'
import type { Right } from '@conclave/wire'
import { readRights } from './rights.ts'

/** Rights of one connection in one channel until a time. Times are those of the hub's clock, in milliseconds. spec G40 */
export interface Grant {
  /** The id of the application whose key or hook decided; empty for a hook of the program itself. */
  readonly app: string
  readonly rights: ReadonlySet<Right>
  /** 1 to 128 printable characters of ASCII without spaces. */
  readonly user: string
  /** 1 to 64 printable characters of ASCII without spaces. */
  readonly device: string
  readonly untilMs: number
  /** A revocation of the user ends the grants that were issued before it. */
  readonly issuedMs: number
  /** Names the token that was shown, so that it can be revoked. */
  readonly tokenId?: string
}

/** The longest time of a grant, in milliseconds. spec G41 */
export const MAX_GRANT_MS = 86_400_000

/** Longest id of an application, in characters. */
const MAX_APP_LENGTH = 64

/** Longest name of a token, in characters. */
const MAX_TOKEN_ID_LENGTH = 128

/** Whether a value names an application; empty for the program of the hub itself. */
export function isAppId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_APP_LENGTH && /^[\w.-]*$/.test(value)
}

/** Whether a value names a token: printable ASCII without spaces. */
export function isTokenId(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= MAX_TOKEN_ID_LENGTH && /^[\x21-\x7e]+$/.test(value)
  )
}

/**
 * A copy of a grant that allows nothing beyond the rights that were wanted, and no longer than {@link MAX_GRANT_MS}; `undefined` for a value that is
 * no grant, for one that is over, and for one with none of these rights. spec G41
 */
export function limitGrant(
  value: unknown,
  { wants, nowMs }: { readonly wants: readonly Right[]; readonly nowMs: number },
): Grant | undefined {
  if (!isRecord(value)) return undefined
  const { app, rights, user, device, untilMs, issuedMs, tokenId } = value
  if (!isAppId(app) || !isUserName(user) || !isDeviceName(device)) return undefined
  if (typeof untilMs !== 'number' || !(untilMs > nowMs)) return undefined
  if (typeof issuedMs !== 'number' || !Number.isFinite(issuedMs)) return undefined
  if (tokenId !== undefined && !isTokenId(tokenId)) return undefined
  const given = readRights(rights)
  const granted = given === undefined ? [] : wants.filter((right) => given.has(right))
  if (granted.length === 0) return undefined
  return {
    ...{ app, rights: new Set(granted), user, device },
    issuedMs: Math.min(issuedMs, nowMs),
    untilMs: Math.min(untilMs, nowMs + MAX_GRANT_MS),
    ...(tokenId === undefined ? {} : { tokenId }),
  }
}
