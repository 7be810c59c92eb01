/** Bodies of messages in a room, as its members make them, what a storage of persons gives back, and rounds of a room code. */
import { VirtualClock } from '@conclave/base/testing'
import { ParticipantKeyGrant, SharedKeySource } from '@conclave/e2ee'
import { bytesToParticipantId, bytesToRoomId, parseParticipantId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import {
  decodeStatements,
  encodeStatements,
} from '../../../packages/client/src/admission/statements-body.ts'
import {
  decodeHistory,
  encodePage,
  encodeQuestion,
} from '../../../packages/client/src/history/history-body.ts'
import { decodeKeyBody, encodeKeyBody } from '../../../packages/client/src/keys/key-body.ts'
import { decodeInside } from '../../../packages/client/src/lobby/inside.ts'
import {
  decodeHello,
  decodeInfo,
  decodeRecordingKey,
  encodeBody,
} from '../../../packages/client/src/messages/bodies.ts'
import { requireConfirmed } from '../../../packages/client/src/persons/confirmed-persons.ts'
import {
  decodeRoundPart,
  encodeRoundPart,
} from '../../../packages/client/src/persons/room-code-bodies.ts'
import { RoomCodeRounds } from '../../../packages/client/src/persons/room-code-rounds.ts'
import { mutateBytes, mutateText, randomJson } from '../mutate.ts'
import type { Random } from '../random.ts'
import { FuzzFailure, mustEqual, mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const bytes = (length: number, fill: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(length).fill(fill)
const encoder = new TextEncoder()

/** A decoder of JSON; what it accepts has one form, which it accepts again. */
function bodies<T>(
  name: string,
  {
    valid,
    decode,
    encode,
  }: {
    readonly valid: readonly Uint8Array[]
    readonly decode: (body: Uint8Array) => T | undefined
    readonly encode: (value: T) => Uint8Array
  },
): FuzzTarget {
  const texts = valid.map((body) => new TextDecoder().decode(body))
  return {
    name: `rooms/${name}`,
    share: 30,
    async prepare() {
      for (const body of valid) mustHold(decode(body) !== undefined, 'the examples are valid')
      return {
        attempt(random, note) {
          const body = makeBody(random, { valid, texts })
          note(body)
          const value = decode(body)
          if (value === undefined) return 'refused'
          mustEqual(decode(encode(value)), value, 'it is decoded as it was encoded')
          return 'accepted'
        },
      }
    },
  }
}

function makeBody(
  random: Random,
  { valid, texts }: { readonly valid: readonly Uint8Array[]; readonly texts: readonly string[] },
): Uint8Array {
  if (random.oneIn(4)) return mutateBytes(random, valid)
  return encoder.encode(random.oneIn(8) ? randomJson(random) : mutateText(random, texts, 4096))
}

const toJson = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value))
const positions = { room: 1, direct: 2 }
const hello = {
  ...{ reply: true, next: positions, oldest: positions, first: positions },
  ...{ missed: [[3, 9, 2]], received: { room: null, direct: 0, hello: 7, key: null, lost: 2 } },
  info: { name: 'alice', published: { microphone: true } },
}
const person = { personKey: bytes(32, 4), signature: bytes(64, 5) }
const page = {
  ...({ type: 'page', number: 3, more: true, complete: false } as const),
  authors: [
    { signingKey: bytes(32, 1), name: 'alice', person },
    { signingKey: bytes(32, 2), name: 'bob', person: undefined },
  ],
  messages: [{ author: 1, sequence: 7, body: bytes(70, 6) }],
}
const author = participantOf(1)
const grantOf = (prepared: boolean): ParticipantKeyGrant =>
  new ParticipantKeyGrant(
    { participant: author, epoch: 2n ** 33n, following: true, prepared },
    bytes(32, 8),
  )
const part = { roster: 'A'.repeat(22), round: 3, value: bytes(32, 7) }

const DECODERS: readonly FuzzTarget[] = [
  bodies('hello', { valid: [toJson(hello)], decode: decodeHello, encode: toJson }),
  bodies('info', {
    valid: [toJson(hello.info), toJson({ ...hello.info, recording: 1_700_000_000_000 })],
    decode: decodeInfo,
    encode: toJson,
  }),
  bodies('recording-key', {
    valid: [toJson({ key: 'the key' })],
    decode: decodeRecordingKey,
    encode: (key) => encodeBody({ key }),
  }),
  bodies('key', {
    valid: [
      encodeKeyBody({ grant: grantOf(false), from: 7 }),
      encodeKeyBody({ grant: grantOf(true), from: 0 }),
    ],
    decode: decodeKeyBody,
    encode: encodeKeyBody,
  }),
  bodies('statements', {
    valid: [encodeStatements({ state: 'A'.repeat(22), statements: [bytes(120, 1), bytes(9, 2)] })],
    decode: decodeStatements,
    encode: encodeStatements,
  }),
  bodies('history', {
    valid: [
      encodePage(page),
      encodeQuestion({ type: 'question', number: 1, before: null }),
      encodeQuestion({ type: 'question', number: 2, before: { author, sequence: 3 } }),
    ],
    decode: decodeHistory,
    encode: (value) => (value.type === 'page' ? encodePage(value) : encodeQuestion(value)),
  }),
  bodies('inside', {
    valid: [toJson({ names: ['alice', 'bob'], count: 3 })],
    decode: decodeInside,
    encode: toJson,
  }),
  bodies('round-part', {
    valid: [encodeRoundPart(part)],
    decode: decodeRoundPart,
    encode: encodeRoundPart,
  }),
]

/** A storage gives back what somebody put into it: a copy, without traps. */
const confirmed: FuzzTarget = {
  name: 'rooms/confirmed',
  share: 10,
  async prepare() {
    const texts = [JSON.stringify([{ person: 'A'.repeat(22), name: 'bob' }]), '[]', 'null']
    return {
      attempt(random, note) {
        const text = random.oneIn(8) ? randomJson(random) : mutateText(random, texts)
        note(text)
        let stored: unknown
        try {
          stored = JSON.parse(text)
        } catch {
          return 'no value'
        }
        try {
          const persons = requireConfirmed(stored)
          mustEqual(persons, stored ?? [], 'it is what was stored')
          return 'accepted'
        } catch (error) {
          mustHold((error as Error).message === 'the storage holds something else', 'its own error')
          return 'refused'
        }
      },
    }
  },
}

/** Two other members say anything, in any order: no code comes of it, since neither opens a commitment. */
const rounds: FuzzTarget = {
  name: 'rooms/code-rounds',
  share: 2,
  async prepare() {
    const room = bytesToRoomId(bytes(16, 9)) as RoomId
    const [self, ...others] = [1, 2, 3].map((fill) => ({
      id: participantOf(fill),
      signingKey: bytes(32, fill),
    })) as [Member, Member, Member]
    return {
      async attempt(random, note) {
        const clock = new VirtualClock()
        let roster = part.roster
        const compared = new RoomCodeRounds({
          ...{ room, self, clock, root: new SharedKeySource(bytes(32, 8)) },
          broadcast: async (_, body) => {
            roster = decodeRoundPart(body)?.roster ?? roster
          },
          ask: () => {},
          changed: () => {},
          failed: (error) => {
            throw error
          },
        })
        const seen: unknown[] = []
        for (let step = 0; step < 12; step += 1) {
          const { id, signingKey } = random.pick(others)
          const round = random.oneIn(8) ? random.pick([1, 2, 2 ** 48]) : 1
          const body = encodeRoundPart({ roster, round, value: random.bytes(32) })
          const said = random.oneIn(4) ? mutateBytes(random, [body]) : body
          const kind = random.oneIn(2) ? 7 : 8
          seen.push({ id, kind, said })
          if (random.oneIn(3)) compared.join({ id, signingKey })
          else if (random.oneIn(8)) compared.leave(id)
          else compared.receive(id, kind, said)
          if (random.oneIn(2)) clock.advance(2500)
          await compared.settled
          if (compared.code.state === 'ready') throw new FuzzFailure('forged', 'a code')
        }
        note(seen)
        compared.close()
        return compared.code.state
      },
    }
  },
}

interface Member {
  readonly id: ParticipantId
  readonly signingKey: Uint8Array<ArrayBuffer>
}

function participantOf(fill: number): ParticipantId {
  const id = parseParticipantId(bytesToParticipantId(bytes(16, fill)))
  if (id === undefined) throw new Error('expected a participant id')
  return id
}

/** The targets of rooms that their members feed. */
export const ROOM_TARGETS: readonly FuzzTarget[] = [...DECODERS, confirmed, rounds]
