import { encodeBase64Url } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import { ID_BYTES } from '@conclave/wire'
import type { Brand } from '@conclave/wire'

/**
 * Names one membership: the stay of one participant in one channel over one connection. A session that comes back
 * over another connection keeps its participant id and gets a new membership. Only hubs and engines know it.
 */
export type MembershipId = Brand<string, 'MembershipId'>

/** A fresh id, which no other hub draws. */
export function randomMembershipId(): MembershipId {
  return encodeBase64Url(randomBytes(ID_BYTES)) as MembershipId
}
