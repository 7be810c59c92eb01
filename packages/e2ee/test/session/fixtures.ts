/** Sessions of the vectors, by name. */
import { importAgreementSeed, importSigningSeed } from '@conclave/crypto'
import { SessionKeys } from '@conclave/e2ee/session'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { hexToBytes, participantIdOf } from '../fixtures.ts'

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
