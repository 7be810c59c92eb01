/**
 * The answers of a hub to requests of its API. They are decoded as anything from outside: a wrong address leads to other servers. spec G84
 *
 * @module
 */
import { decodeJson, hasMembers, isIntegerUpTo, isRecord } from '@conclave/base'
import type { Shape } from '@conclave/base'
import { isCursor, isMemberPage, isToken } from '@conclave/wire'
import type { ChannelMember, MemberId } from '@conclave/wire'

/** A page of members, and where the next one begins. */
export interface MemberPage {
  readonly members: readonly ChannelMember[]
  readonly total: number
  /** Empty: there is none. */
  readonly next: MemberId | ''
}

/** A ticket, which opens one channel once. */
export interface Ticket {
  readonly ticket: string
  /** It is worth nothing after so long. */
  readonly expiresInMs: number
}

/** Decodes the answer to a request without a result. */
export function decodeDone(bytes: Uint8Array): true | undefined {
  return isRecord(decodeJson(bytes)) ? true : undefined
}

/** Decodes a page of members. */
export function decodeMemberPage(bytes: Uint8Array): MemberPage | undefined {
  const value = decodeJson(bytes)
  if (!hasMembers(value, MEMBER_PAGE)) return undefined
  const { members, total, next } = value
  return { members, total, next }
}

/** Decodes a ticket. */
export function decodeTicket(bytes: Uint8Array): Ticket | undefined {
  const value = decodeJson(bytes)
  if (!hasMembers(value, TICKET)) return undefined
  const { ticket, expiresInMs } = value
  return { ticket, expiresInMs }
}

/** The code of a refusal. */
export function decodeRefusal(bytes: Uint8Array): string | undefined {
  const value = decodeJson(bytes)
  return hasMembers(value, REFUSAL) ? value.error : undefined
}

const MEMBER_PAGE: Shape<MemberPage> = {
  members: isMemberPage,
  total: (value) => isIntegerUpTo(0xffff_ffff, value),
  next: isCursor,
}

const TICKET: Shape<Ticket> = {
  ticket: (value) => isToken(value) && value !== '',
  expiresInMs: (value) => isIntegerUpTo(0xffff_ffff, value),
}

const REFUSAL: Shape<{ readonly error: string }> = {
  error: (value) => typeof value === 'string' && /^[a-z-]{1,32}$/.test(value),
}
