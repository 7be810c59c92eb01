/** Sessions of the vectors, by name. */
import { importAgreementSeed, importSigningSeed } from '@conclave/crypto'
import { createSealer } from '@conclave/e2ee'
import type { EventKeys, KeySource } from '@conclave/e2ee'
import { SessionKeys } from '@conclave/e2ee/session'
import type { PairKeys } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { hexToBytes, outcome, participantIdOf, ROOM, utf8 } from '../fixtures.ts'

export type Name = keyof typeof vectors.sessions

/** The keys of a session of the vectors, which an application cannot import. */
export async function sessionNamed(name: string): Promise<SessionKeys> {
  const { id, signingSeed, agreementSeed } = vectors.sessions[name as Name]
  return new SessionKeys(participantIdOf(id), {
    signing: await importSigningSeed(hexToBytes(signingSeed)),
    agreement: await importAgreementSeed(hexToBytes(agreementSeed)),
  })
}

/** The keys of the session of the vectors that has an id. */
export async function sessionOfId(id: string): Promise<SessionKeys> {
  const found = Object.entries(vectors.sessions).find(([, session]) => session.id === id)
  if (found === undefined) throw new Error(`no session has the id ${id}`)
  return sessionNamed(found[0])
}

/** The source behind the keys of a pair, which does not show it: what its roots give can be compared. */
export const sourceOf = (keys: PairKeys): KeySource => keys as unknown as KeySource

/** The sender and the receiver of a direct message. */
export interface Direction {
  readonly from: ParticipantId
  readonly to: ParticipantId
}

/** Seals a first message of one session to another one. */
export async function sealDirect(
  keys: EventKeys,
  { from, to }: Direction,
): Promise<Uint8Array<ArrayBuffer>> {
  const sealer = createSealer({ keys, room: ROOM, unsafeSelf: from })
  return (await sealer.seal({ kind: 3, to }, utf8('only for you'))).bytes
}

/** Opens it: the text, or the reason why it was dropped. */
export async function openDirect(
  bytes: Uint8Array,
  keys: EventKeys,
  { from, to }: Direction,
): Promise<string> {
  return outcome(await createSealer({ keys, room: ROOM, unsafeSelf: to }).open(from, bytes))
}
