/** An owner, hosts with sessions, and statements that they sign. */
import {
  deriveOwnerFingerprint,
  generateOwnerKeys,
  RoomAuthority,
  signHostStatement,
  signPolicy,
} from '@conclave/e2ee/authority'
import type { HostAct, OwnerKeys, Policy, PolicyChange } from '@conclave/e2ee/authority'
import { certifySession, createSessionKeys } from '@conclave/e2ee/session'
import type { PersonCertificate, SessionKeys, SigningKeys } from '@conclave/e2ee/session'
import { generateSigningKeys } from '@conclave/e2ee/signing'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { bytesToHex, participantIdOf, ROOM } from '../fixtures.ts'

export type Statement = Uint8Array<ArrayBuffer>

/** A policy of number 1 that changes nothing, with changes. */
export const policyOf = (change: Partial<Policy> = {}): Policy => ({
  ...{ number: 1, rule: 'open', history: 'none', invitationEnded: false, hosts: [], removed: [] },
  ...change,
})

/** A session of a person, which acts in the room. */
export class Actor {
  readonly session: SessionKeys
  readonly person: Uint8Array<ArrayBuffer>
  readonly certificate: PersonCertificate

  constructor(session: SessionKeys, person: SigningKeys, certificate: PersonCertificate) {
    this.session = session
    this.person = person.publicKey
    this.certificate = certificate
  }

  static async of(person?: SigningKeys, room: RoomId = ROOM): Promise<Actor> {
    const [keys, session] = [person ?? (await generateSigningKeys()), await createSessionKeys()]
    const certified = { room, signingKey: session.signingKey }
    return new Actor(session, keys, await certifySession(keys, certified))
  }

  act(act: HostAct, session: ParticipantId, { number = 1, room = ROOM } = {}): Promise<Statement> {
    const { certificate, session: signer } = this
    return signHostStatement({ act, session, number }, { room, signer, certificate })
  }
}

/** An owner's keys, and members of the room. */
export interface Owned {
  readonly owner: OwnerKeys
  readonly fingerprint: Uint8Array<ArrayBuffer>
  /** A member that has applied these statements. */
  member(...statements: readonly unknown[]): Promise<RoomAuthority>
  sign(change?: Partial<Policy>): Promise<Statement>
  /** The statement after those that a member knows. */
  signNext(authority: RoomAuthority, change: PolicyChange): Promise<Statement>
}

/** Makes an owner of {@link ROOM}. */
export async function createOwned(owner?: OwnerKeys): Promise<Owned> {
  const keys = owner ?? (await generateOwnerKeys())
  const fingerprint = await deriveOwnerFingerprint(keys.publicKey)
  const place = { owner: keys, room: ROOM }
  return {
    owner: keys,
    fingerprint,
    async member(...statements) {
      const authority = new RoomAuthority({ room: ROOM, owner: fingerprint })
      for (const statement of statements) await authority.apply(statement)
      return authority
    },
    sign: (change) => signPolicy(policyOf(change), place),
    async signNext(authority, change) {
      const policy = authority.nextPolicy(change)
      if (policy === undefined) throw new Error('no next policy')
      return signPolicy(policy, place)
    },
  }
}

/** Everything that a member says about some sessions and persons. */
export function stateOf(
  authority: RoomAuthority,
  {
    sessions,
    persons,
  }: { readonly sessions: readonly ParticipantId[]; readonly persons: readonly Uint8Array[] },
): object {
  const { number, rule, history, isInvitationEnded, isFull, isConflicting } = authority
  return {
    ...{ number, rule, history, isInvitationEnded, isFull, isConflicting },
    hosts: authority.hosts.map(bytesToHex),
    removed: sessions.map((session) => authority.isRemoved(session)),
    admitted: sessions.map((session) => authority.isAdmitted(session)),
    mayAdmit: [undefined, ...persons].map((person) => authority.mayAdmit(person)),
    statements: authority.statements().map(bytesToHex).sort(),
  }
}

/** An owner with a session, and sessions of four persons. */
export async function createParties(): Promise<
  Readonly<Record<'alice' | 'bob' | 'guest' | 'other' | 'asOwner', Actor>> & {
    readonly owned: Owned
  }
> {
  const owned = await createOwned()
  const [alice, bob, guest, other] = [
    await Actor.of(),
    await Actor.of(),
    await Actor.of(),
    await Actor.of(),
  ]
  return { owned, alice, bob, guest, other, asOwner: await Actor.of(owned.owner.signingKeys) }
}

/** Ids of sessions from a number on. */
export function idsOf(from: number, count: number): readonly ParticipantId[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(from + index).padStart(6, '0')
    return participantIdOf(`AAAAAAAAAAAAAAA${number}Q`)
  })
}
