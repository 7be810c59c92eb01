/**
 * The keys of one session in a room, and the sealer that uses them.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { type EventKeys, type KeySource, ParticipantKeySource, type Sealer } from '@conclave/e2ee'
import {
  type PairKeys,
  type PersonCertificate,
  type SessionKeys,
  createSessionSealer,
} from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { wrongArgument } from '../arguments.ts'
import { Introductions } from '../messages/introductions.ts'

/**
 * Makes the sealer of a session, with its own keys and its introductions. Only the sealer knows whether a key source is
 * one, and one for this session.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`
 */
export function createRoomSealer(options: {
  readonly keys: KeySource
  readonly room: RoomId
  readonly session: SessionKeys
  readonly owner: Uint8Array | undefined
  readonly person: PersonCertificate | undefined
  readonly name: () => string
  readonly clock: Clock
}): {
  readonly sealer: Sealer
  /** The keys for what this session and another one say to each other only. */
  readonly keysOf: (participant: ParticipantId) => EventKeys | undefined
  readonly introductions?: Introductions
  readonly ownKeys?: ParticipantKeySource
} {
  const { keys, room, session, owner, person, name, clock } = options
  try {
    // Participants with keys that their application brings hold no common root. spec R45
    if (keys.mode === 'participant') {
      return { sealer: createSessionSealer({ keys, room, session }), keysOf: () => keys }
    }
    const ownKeys = new ParticipantKeySource(session.id, { now: () => clock.now() })
    const pairs = new Map<ParticipantId, PairKeys>()
    const signingKeys = {
      get: (id: ParticipantId) => introductions.of(id)?.signingKey,
    }
    const streams = { keys: ownKeys, direct: pairs, signingKeys }
    const sealer = createSessionSealer({ room, session, ...streams })
    const introductions = new Introductions({
      ...{ room, session, root: keys, owner, person, name, pairs },
    })
    const keysOf = (participant: ParticipantId): EventKeys | undefined => pairs.get(participant)
    return { sealer, keysOf, introductions, ownKeys }
  } catch (error) {
    throw faultOfKeys(error, options.keys)
  }
}

/** The error of a join whose keys refuse its session: they are those of another one. spec R35 */
export function faultOfKeys(error: unknown, keys: KeySource): unknown {
  const isRefusal = /^(Type|Range)Error$/.test((error as Error).name)
  return isRefusal ? wrongArgument('keys', keys, 'a key source for this session') : error
}
