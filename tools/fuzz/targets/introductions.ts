/** Introductions of sessions and signed messages, as carriers and other members of a room make them. */
import {
  encryptAesGcm,
  importAgreementSeed,
  importAndWipe,
  importSigningSeed,
} from '@conclave/crypto'
import { SharedKeySource } from '@conclave/e2ee'
import {
  createSessionKeys,
  openIntroduction,
  SessionKeys,
  signRoomMessage,
  verifyRoomMessage,
} from '@conclave/e2ee/session'
import { idToBytes, parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import {
  decodeIntroductionBody,
  encodeIntroductionBody,
} from '../../../packages/e2ee/src/session/introduction-body.ts'
import { encodeStatement } from '../../../packages/e2ee/src/session/statements.ts'
import vectors from '../../../spec/vectors/session.json' with { type: 'json' }
import { hasTraps, hostileBytes, hostileValue } from '../hostile.ts'
import { mutateBytes } from '../mutate.ts'
import type { Random } from '../random.ts'
import { FuzzFailure, fromHex, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const { alice, bob, carol } = vectors.sessions
const VALID = vectors.introductions.filter(
  ({ sender, recipient }) => sender === alice.id && recipient === bob.id,
)
const ROOM = roomOf(VALID[0]?.room)
const bodies = VALID.map(({ body }) => fromHex(body))
const source = (): SharedKeySource => new SharedKeySource(fromHex(VALID[0]?.root ?? ''))
const REASONS = new Set(['malformed', 'not-authentic', 'reflected', 'unknown-key'])

const codec: FuzzTarget = {
  name: 'introductions/body',
  share: 60,
  async prepare() {
    return {
      attempt(random, note) {
        const input = makeBytes(random, bodies)
        note(input)
        const body = decodeIntroductionBody(input)
        if (body === undefined) return 'refused'
        if (!hasTraps(input)) {
          const bytes = toHex(encodeIntroductionBody(body)) + toHex(body.signature)
          mustHold(bytes === toHex(new Uint8Array(input as Uint8Array)), 'one encoding')
        }
        return body.status
      },
    }
  },
}

const carriers: FuzzTarget = {
  name: 'introductions/open',
  share: 30,
  async prepare() {
    const root = source()
    const valid = VALID.map(({ bytes }) => fromHex(bytes))
    const known = new Set(VALID.map(({ bytes }) => bytes))
    const ids = [alice.id, bob.id, carol.id].map(participantOf)
    return {
      async attempt(random, note) {
        const input = makeBytes(random, valid)
        const place = {
          sender: random.oneIn(8) ? random.pick(ids) : participantOf(alice.id),
          self: random.oneIn(8) ? random.pick(ids) : participantOf(bob.id),
        }
        note({ input, ...place })
        const opened = await openIntroduction(input, { root, room: ROOM, ...place })
        if (opened.type === 'dropped') {
          mustHold(REASONS.has(opened.reason), 'a documented reason')
          return opened.reason
        }
        const isTheirs = place.sender === alice.id && place.self === bob.id
        if (
          !isTheirs ||
          !(hasTraps(input) || known.has(toHex(new Uint8Array(input as Uint8Array))))
        )
          throw new FuzzFailure('forged', 'opened what nobody sealed')
        return 'opened'
      },
    }
  },
}

/** A member holds the root, seals what it likes, and signs as itself. */
const members: FuzzTarget = {
  name: 'introductions/open-member',
  share: 12,
  async prepare() {
    const root = source()
    const mallory = new SessionKeys(participantOf(carol.id), {
      signing: await importSigningSeed(fromHex(carol.signingSeed)),
      agreement: await importAgreementSeed(fromHex(carol.agreementSeed)),
    })
    const known = new Set(bodies.map(toHex))
    const self = participantOf(bob.id)
    return {
      async attempt(random, note) {
        const signs = random.oneIn(2)
        const sender = participantOf(signs && !random.oneIn(8) ? mallory.id : alice.id)
        const parties = Uint8Array.from([ROOM, sender, self].flatMap((id) => [...idToBytes(id)]))
        const mutated = random.oneIn(8) ? random.pick(bodies) : mutateBytes(random, bodies)
        const before = Uint8Array.from(mutated.subarray(0, Math.max(0, mutated.length - 64)))
        if (signs && !random.oneIn(8) && before.length >= 35) before.set(mallory.signingKey, 3)
        const signature = await mallory.sign(encodeStatement('introduction', parties, before))
        const body = signs ? Uint8Array.from([...before, ...signature]) : Uint8Array.from(mutated)
        note({ body, sender })
        const bytes = await sealBody(body, { root, parties, salt: random.bytes(16) })
        const opened = await openIntroduction(bytes, { root, room: ROOM, sender, self })
        if (opened.type === 'dropped') {
          mustHold(REASONS.has(opened.reason), 'a documented reason')
          return opened.reason
        }
        const isOwn = signs && sender === mallory.id
        if (!isOwn && !known.has(toHex(body)))
          throw new FuzzFailure('forged', 'opened what the sender did not sign')
        mustHold(opened.sender.id === sender, 'the sender is who signed')
        return isOwn ? 'their own' : 'repeated'
      },
    }
  },
}

const messages: FuzzTarget = {
  name: 'introductions/room-message',
  share: 15,
  async prepare() {
    const session = await createSessionKeys()
    const place = { room: ROOM, sequence: 3n, kind: 4 }
    const contents = [0, 1, 40].map((length) => new Uint8Array(length).fill(length))
    const valid = await Promise.all(
      contents.map((content) => signRoomMessage(content, { session, ...place })),
    )
    const known = new Set(valid.map(toHex))
    const { signingKey } = session
    return {
      async attempt(random, note) {
        const input = makeBytes(random, valid)
        const sequence = random.oneIn(8) ? 4n : 3n
        note({ input, sequence })
        const from = { signingKey, ...place, sequence }
        const content = await verifyRoomMessage(input as Uint8Array, from)
        if (content === undefined) return 'refused'
        if (
          sequence !== 3n ||
          !(hasTraps(input) || known.has(toHex(new Uint8Array(input as Uint8Array))))
        )
          throw new FuzzFailure('forged', 'verified what nobody signed')
        return 'verified'
      },
    }
  },
}

async function sealBody(
  body: Uint8Array<ArrayBuffer>,
  {
    root,
    parties,
    salt,
  }: { readonly root: SharedKeySource; readonly parties: Uint8Array; readonly salt: Uint8Array },
): Promise<Uint8Array> {
  const context = Uint8Array.from([...parties, ...salt])
  const raw = await root.export('conclave/1 introduction', context, 32)
  const key = await importAndWipe(raw, 'AES-GCM', ['encrypt'])
  const additionalData = encodeStatement('introduction', [3], salt, parties)
  const sealed = await encryptAesGcm(key, { nonce: new Uint8Array(12), additionalData }, body)
  return Uint8Array.from([3, ...salt, ...sealed])
}

function makeBytes(random: Random, valid: readonly Uint8Array[]): unknown {
  if (random.oneIn(12)) return random.pick(valid)
  if (random.oneIn(10)) return hostileBytes(random, random.pick(valid))
  return random.oneIn(12) ? hostileValue(random) : mutateBytes(random, valid)
}

function participantOf(text: string): ParticipantId {
  const id = parseParticipantId(text)
  if (id === undefined) throw new Error('expected a participant id')
  return id
}

function roomOf(text: unknown): RoomId {
  const id = parseRoomId(text)
  if (id === undefined) throw new Error('expected a room id')
  return id
}

/** The targets of `@conclave/e2ee/session`. */
export const INTRODUCTION_TARGETS: readonly FuzzTarget[] = [codec, carriers, members, messages]
