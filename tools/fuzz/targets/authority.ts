/** Policies of owners and acts of hosts, as carriers and other members of a room make them. */
import { importAgreementSeed, importSigningSeed } from '@conclave/crypto'
import {
  decodeOwnerKeys,
  encodeOwnerKeys,
  importOwnerKeys,
  RoomAuthority,
  signPolicy,
  verifyMove,
} from '@conclave/e2ee/authority'
import { certifySession, SessionKeys } from '@conclave/e2ee/session'
import { importSigningKeys } from '@conclave/e2ee/signing'
import { idToBytes, parseParticipantId, parseRoomId } from '@conclave/wire'
import {
  decodeStatements,
  encodeStatements,
} from '../../../packages/client/src/admission/statements-body.ts'
import { decodeHostStatement } from '../../../packages/e2ee/src/authority/host-statement.ts'
import { decodePolicy, encodePolicy } from '../../../packages/e2ee/src/authority/policy.ts'
import { verifyRemoval } from '../../../packages/server/src/session/removal-proof.ts'
import { encodeStatement } from '../../../packages/e2ee/src/session/statements.ts'
import vectors from '../../../spec/vectors/authority.json' with { type: 'json' }
import sessions from '../../../spec/vectors/session.json' with { type: 'json' }
import { hasTraps, hostileBytes, hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText } from '../mutate.ts'
import type { Random } from '../random.ts'
import { FuzzFailure, fromHex, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { isTyped } from './exchange-inputs.ts'

const ROOM = parseRoomId(vectors.room) ?? fail()
const CAROL = parseParticipantId(sessions.sessions.carol.id) ?? fail()
const owner = fromHex(vectors.owner.fingerprint)
// The longest one would be most of the work.
const policies = vectors.policies
  .filter(({ statement }) => statement.length < 2000)
  .map(({ statement }) => fromHex(statement))
const acts = vectors.acts.map(({ statement }) => fromHex(statement))
const refused = [...vectors.refusedPolicies, ...vectors.refusedActs]
  .filter(({ statement }) => statement.length < 2000)
  .map(({ statement }) => fromHex(statement))
const REASONS = new Set(['malformed', 'other-owner', 'not-authentic', 'full'])

const codec: FuzzTarget = {
  name: 'authority/policy',
  share: 60,
  async prepare() {
    return {
      attempt(random, note) {
        const input = makeBytes(random, policies)
        note(input)
        const decoded = decodePolicy(input)
        if (decoded === undefined) return 'refused'
        const { policy, ownerKey, signature } = decoded
        if (!hasTraps(input)) {
          const bytes = toHex(encodePolicy(policy, { ownerKey })) + toHex(signature)
          mustHold(bytes === toHex(new Uint8Array(input as Uint8Array)), 'one encoding')
        }
        return policy.rule
      },
    }
  },
}

const actCodec: FuzzTarget = {
  name: 'authority/act',
  share: 40,
  async prepare() {
    return {
      attempt(random, note) {
        const input = makeBytes(random, acts)
        note(input)
        const decoded = decodeHostStatement(input)
        if (decoded === undefined) return 'refused'
        if (!hasTraps(input)) {
          const bytes = toHex(decoded.content) + toHex(decoded.signature)
          mustHold(bytes === toHex(new Uint8Array(input as Uint8Array)), 'one encoding')
        }
        return decoded.act
      },
    }
  },
}

/** A carrier has the statements of others, and signs none. */
const carriers: FuzzTarget = {
  name: 'authority/apply',
  share: 25,
  async prepare() {
    const valid = [...policies, ...acts, ...refused]
    const known = new Set([...vectors.policies, ...vectors.acts].map(({ statement }) => statement))
    return {
      async attempt(random, note) {
        const input = makeBytes(random, valid)
        note(input)
        const authority = new RoomAuthority({ room: ROOM, owner })
        const applied = await authority.apply(input)
        if (applied.type === 'refused') {
          mustHold(REASONS.has(applied.reason), 'a documented reason')
          mustHold(authority.number === 0 && authority.rule === 'open', 'nothing changed')
          return applied.reason
        }
        if (!hasTraps(input) && !known.has(toHex(new Uint8Array(input as Uint8Array))))
          throw new FuzzFailure('forged', 'applied what nobody signed')
        return applied.type
      },
    }
  },
}

/** A member that is no host signs what it likes as itself. */
const members: FuzzTarget = {
  name: 'authority/apply-member',
  share: 10,
  async prepare() {
    const { signingSeed, agreementSeed } = sessions.sessions.carol
    const mallory = new SessionKeys(CAROL, {
      signing: await importSigningSeed(fromHex(signingSeed)),
      agreement: await importAgreementSeed(fromHex(agreementSeed)),
    })
    const person = await importSigningKeys(new Uint8Array(32).fill(0xe1))
    const certified = { room: ROOM, signingKey: mallory.signingKey }
    const certificate = await certifySession(person, certified)
    const keys = await importOwnerKeys(fromHex(vectors.owner.seed))
    const policy = {
      ...({ number: 1, rule: 'ask', history: 'none', invitationEnded: false } as const),
      ...{ hosts: [], removed: [] },
    }
    const first = await signPolicy(policy, { owner: keys, room: ROOM })
    const sessionIds = [CAROL, sessions.sessions.bob.id].map(
      (id) => parseParticipantId(id) ?? fail(),
    )
    return {
      async attempt(random, note) {
        const label = random.oneIn(4) ? 'policy' : 'host'
        const content = Uint8Array.from(mutateBytes(random, label === 'host' ? acts : policies))
        const before = content.slice(0, Math.max(0, content.length - 64))
        if (label === 'host' && before.length === 155) {
          before.set(idToBytes(random.pick(sessionIds)), 3)
          before.set(mallory.signingKey, 27)
          if (!random.oneIn(4)) before.set(certificate.personKey, 59)
          if (!random.oneIn(4)) before.set(certificate.signature, 91)
        } else if (label === 'policy' && before.length > 34 && !random.oneIn(4)) {
          before.set(mallory.signingKey, 2)
        }
        const signature = await mallory.sign(encodeStatement(label, idToBytes(ROOM), before))
        const bytes = Uint8Array.from([...before, ...signature])
        note(bytes)
        const authority = new RoomAuthority({ room: ROOM, owner })
        await authority.apply(first)
        const applied = await authority.apply(bytes)
        const isSame = authority.rule === 'ask' && authority.number === 1
        const touched = sessionIds.some((id) => authority.isAdmitted(id) || authority.isRemoved(id))
        if (!isSame || touched) throw new FuzzFailure('forged', 'a stranger changed the state')
        if (applied.type !== 'refused') return applied.type
        mustHold(REASONS.has(applied.reason), 'a documented reason')
        return applied.reason
      },
    }
  },
}

/** A carrier, or a member, makes a new link of what others signed. */
const moves: FuzzTarget = {
  name: 'authority/move',
  share: 20,
  async prepare() {
    const valid = [...vectors.moves, ...vectors.refusedMoves].map(({ statement }) =>
      fromHex(statement),
    )
    const known = new Set(vectors.moves.map(({ statement }) => statement))
    return {
      async attempt(random, note) {
        const input = makeBytes(random, valid)
        note(input)
        const move = await verifyMove(input, { room: ROOM, owner })
        if (move.type === 'refused') {
          mustHold(REASONS.has(move.reason), 'a documented reason')
          return move.reason
        }
        if (!hasTraps(input) && !known.has(toHex(new Uint8Array(input as Uint8Array))))
          throw new FuzzFailure('forged', 'followed what nobody signed')
        return move.type
      },
    }
  },
}

/** A person pastes or types what is not the key of the room's owner. */
const ownerTexts: FuzzTarget = {
  name: 'authority/owner-text',
  share: 20,
  async prepare() {
    const valid = [vectors.owner, ...vectors.refusedOwnerTexts].map(({ text }) => text)
    const place = { ownerFingerprint: owner, exportable: true }
    return {
      async attempt(random, note) {
        const input = random.oneIn(5) ? hostileValue(random) : mutateText(random, valid, 120)
        note(input)
        const decoded = await decodeOwnerKeys(input, place)
        if (decoded.type === 'refused') {
          mustHold(REASONS.has(decoded.reason), 'a documented reason')
          return decoded.reason
        }
        const text = encodeOwnerKeys(decoded.owner)
        if (text !== vectors.owner.text) throw new FuzzFailure('forged', 'the keys of nobody')
        mustHold(isTyped(String(input), text.replaceAll('-', '')), 'a spelling of the text')
        return 'owner'
      },
    }
  },
}

/** A member says to the others what it likes. */
const bodies: FuzzTarget = {
  name: 'authority/statements-body',
  share: 30,
  async prepare() {
    const state = 'A'.repeat(22)
    const valid = [[], acts, [...acts, ...policies]].map((statements) =>
      encodeStatements({ state, statements }),
    )
    return {
      attempt(random, note) {
        const bytes = mutateBytes(random, valid)
        note(bytes)
        const body = decodeStatements(bytes)
        if (body === undefined) return 'refused'
        mustHold(body.statements.length <= 128, 'bounded')
        mustEqual(decodeStatements(encodeStatements(body)), body, 'survives')
        return 'accepted'
      },
    }
  },
}

/** A client shows the hub statements that were changed or are of something else. */
const removals: FuzzTarget = {
  name: 'authority/removal',
  share: 15,
  async prepare() {
    const valid = [...policies, ...acts, ...refused]
    const known = new Set([...vectors.policies, ...vectors.acts].map(({ statement }) => statement))
    return {
      async attempt(random, note) {
        const statements = Array.from({ length: random.oneIn(2) ? 1 : 2 }, () =>
          Uint8Array.from(random.oneIn(4) ? random.pick(valid) : mutateBytes(random, valid)),
        )
        note(statements)
        const given = { room: ROOM, owner, participant: CAROL, statements }
        if (!(await verifyRemoval(given))) return 'refused'
        if (!statements.some((each) => known.has(toHex(each))))
          throw new FuzzFailure('forged', 'removed by what nobody signed')
        return 'removed'
      },
    }
  },
}

function makeBytes(random: Random, valid: readonly Uint8Array[]): unknown {
  if (random.oneIn(12)) return random.pick(valid)
  if (random.oneIn(10)) return hostileBytes(random, random.pick(valid))
  return random.oneIn(12) ? hostileValue(random) : mutateBytes(random, valid)
}

function fail(): never {
  throw new Error('expected an id')
}

/** The targets of `@conclave/e2ee/authority`. */
export const AUTHORITY_TARGETS: readonly FuzzTarget[] = [
  codec,
  actCodec,
  carriers,
  members,
  moves,
  ownerTexts,
  bodies,
  removals,
]
