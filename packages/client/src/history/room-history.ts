/**
 * History in a room: its messages, its introductions and its rule, connected with the exchange.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { HistoryRule } from '@conclave/e2ee/authority'
import { type SessionKeys, signRoomMessage } from '@conclave/e2ee/session'
import type { MessageId, ParticipantId, RoomId } from '@conclave/wire'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { Introductions } from '../messages/introductions.ts'
import type { RoomMessages } from '../messages/room-messages.ts'
import type { CertifyingPerson } from '../persons/own-person.ts'
import { type HeardMessage, HistoryExchange } from './history-exchange.ts'
import type { Author } from './history-log.ts'

/** The rule that the owner set, as this session knows it. */
export interface HistoryRules {
  readonly history: HistoryRule
  /** Whether this session is in the room, as far as it knows. */
  readonly isInside: boolean
  /** Calls `handler` when it may have changed, until the returned function is called. */
  on(type: 'changed', handler: () => void): () => void
}

/** The parts of a session that its history needs. */
export interface HistoryParts {
  readonly room: RoomId
  readonly self: ParticipantId
  readonly clock: Clock
  readonly messages: RoomMessages
  readonly session: SessionKeys
  readonly introductions: Introductions
  readonly person: CertifyingPerson | undefined
  readonly rules: HistoryRules
  readonly nameOf: (participant: ParticipantId) => string
}

/** Makes the exchange of a session. It listens until both it and the messages are closed. */
export function createHistory(parts: HistoryParts): HistoryExchange {
  const { room, self, clock, messages, session, rules } = parts
  const history = new HistoryExchange({
    ...{ room, self, clock },
    rule: () => rules.history,
    isInside: () => rules.isInside,
    authorOf: (participant) => authorOf(participant, parts),
    send: (to, body) => messages.send(to, MESSAGE_KINDS.history, body),
  })
  const ownById = new Map<MessageId, WaitingMessage>()
  const waiting = new Set<WaitingMessage>()
  let turn: Promise<unknown> = Promise.resolve()
  /** Signatures take their time: what is said and heard meanwhile comes after. */
  const hearInTurn = (message: WaitingMessage, signed: Promise<HeardMessage>): void => {
    waiting.add(message)
    // The keys of a session that leaves meanwhile are closed.
    const heard = signed.then(
      (each) => () => history.heard(each),
      () => () => {},
    )
    turn = turn
      .then(() => heard)
      .then((hear) => {
        waiting.delete(message)
        if (!message.isRefused) hear()
      })
  }
  messages.on('joined', ({ participant }) => history.joined(participant))
  messages.on('left', ({ participant }) => history.left(participant))
  messages.on('message', ({ from, kind, sequence, body: content, signature }) => {
    if (kind !== MESSAGE_KINDS.chat || signature === undefined) return
    const heard = { from, sequence, signature, content }
    if (waiting.size === 0) history.heard(heard)
    else if (rules.history !== 'none') {
      hearInTurn({ sequence, isRefused: false }, Promise.resolve(heard))
    }
  })
  messages.on('said', ({ id, kind, sequence, body: content }) => {
    if (kind !== MESSAGE_KINDS.chat || rules.history === 'none') return
    const own: WaitingMessage = { sequence, isRefused: false }
    ownById.set(id, own)
    const place = { room, kind, sequence: BigInt(sequence) }
    const signed = signRoomMessage(content, { session, ...place }).then((body) => {
      const signature = body.subarray(0, body.length - content.length)
      return { from: self, sequence, signature, content }
    })
    hearInTurn(own, signed)
  })
  messages.on('acknowledged', ({ id }) => ownById.delete(id))
  messages.on('refused', ({ id }) => {
    const own = ownById.get(id)
    if (own === undefined) return
    own.isRefused = true
    ownById.delete(id)
    history.refused(own.sequence)
  })
  messages.on('up', () => history.up())
  messages.on('down', () => history.down())
  messages.on('missed', () => history.missed())
  rules.on('changed', () => {
    // A message from before is not kept, also if the rule changes back while it is signed. spec R62
    if (rules.history === 'none') for (const message of waiting) message.isRefused = true
    history.ruleChanged()
  })
  return history
}

/** A message of this session that is being signed or not acknowledged yet, or one that was heard meanwhile. */
interface WaitingMessage {
  readonly sequence: number
  isRefused: boolean
}

const authorOf = (
  id: ParticipantId,
  { self, session, introductions, person, nameOf }: HistoryParts,
): Author | undefined => {
  const name = nameOf(id)
  if (id === self) {
    const { signingKey } = session
    return { id, signingKey, name, person: person?.id, certificate: person?.certificate }
  }
  const introduction = introductions.of(id)
  return introduction && { id, name, ...introduction }
}
