/**
 * The connections between the parts of a room: the events of each, and the part that handles them.
 *
 * @module
 */
import type { DropCounter } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { E2eeState } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import type { MediaProtection, MediaTransport } from '../call/media-transport.ts'
import type { RoomFiles } from '../files/room-files.ts'
import type { HistoryExchange } from '../history/history-exchange.ts'
import { createHistory } from '../history/room-history.ts'
import { MESSAGE_KINDS, decodeRecordingKey } from '../messages/bodies.ts'
import type { RoomMessagesEvents } from '../messages/room-messages-api.ts'
import { type RoomProblem, problemOf } from '../problem.ts'
import type { RoomCode } from '../persons/room-code-rounds.ts'
import type { TransportEnd } from '../transport.ts'
import type { Chat } from './chat.ts'
import { FlowWatch } from './flow-watch.ts'
import type { RoomParts } from './join-room.ts'
import type { Participant, TrackE2EE } from './participant.ts'
import type { Participants } from './participants.ts'
import type { PublishedTracks } from './published-tracks.ts'
import type { TrackSource } from '../track-source.ts'
import type { RoomEvents } from './room-api.ts'
import type { RoomState } from './room-store.ts'

/** Sends the events of a room. */
interface RoomEmitter {
  emit<T extends keyof RoomEvents>(type: T, event: RoomEvents[T]): void
}

/** The side of a room that the wiring acts on. */
export interface WiredRoom {
  readonly chat: Chat
  readonly files: RoomFiles
  readonly participants: Participants
  readonly drops: DropCounter<string>
  readonly events: RoomEmitter
  readonly published: PublishedTracks
  participant(id: ParticipantId): Participant | undefined
  self(): Participant
  setState(state: RoomState): void
  problem(problem: RoomProblem): void
  /** Calls the media transport, if there is one: an error of it is a problem. */
  callMedia(call: (media: MediaTransport) => void): void
  protectionChanged(protection: MediaProtection): void
  /** Something of the published tracks changed. */
  showSelf(): void
  /** The rule, this session's standing, or those who ask changed. */
  authorityChanged(): void
  codeChanged(code: RoomCode): void
  ended(reason: TransportEnd): void
}

/** Takes a message of one kind; `false` when its body is malformed. */
type Receiver = (message: RoomMessagesEvents['message']) => boolean

/** Connects the parts of a session with their room. Returns the function that ends what is made here. */
export function wireRoom(parts: RoomParts<KeySource>, room: WiredRoom): () => void {
  const history = wireHistory(parts, room)
  wireMessages(parts, room, history)
  wireAdmission(parts, room)
  wireMedia(parts, room)
  const flow = watchFlow(parts, room)
  return () => {
    history?.close()
    flow?.close()
    parts.persons.close()
    room.files.close()
  }
}

const wireMessages = (
  { messages, signals, governance, persons, signers }: RoomParts<KeySource>,
  { chat, files, participants, drops, ...room }: WiredRoom,
  history: HistoryExchange | undefined,
): void => {
  const { exchange, links } = governance
  const receivers: Readonly<Partial<Record<number, Receiver>>> = {
    [MESSAGE_KINDS.chat]: (message) => chat.receive(message),
    [MESSAGE_KINDS.signal]: ({ from, body, audience }) => signals.receive(from, audience, body),
    [MESSAGE_KINDS.statements]: ({ from, body, audience }) =>
      audience === 'direct' && exchange?.receive(from, body) === true,
    [MESSAGE_KINDS.move]: ({ from, body, audience }) =>
      audience === 'direct' && links?.receive(from, body) === true,
    [MESSAGE_KINDS.history]: ({ from, body, audience }) =>
      audience === 'direct' && history?.receive(from, body) === true,
    [MESSAGE_KINDS.file]({ from, body, audience }) {
      if (audience === 'direct') files.receive(from, body)
      return audience === 'direct'
    },
    [MESSAGE_KINDS.recordingKey]({ from, body, audience }) {
      const key = audience === 'direct' ? decodeRecordingKey(body) : undefined
      const participant = room.participant(from)
      if (key !== undefined && participant !== undefined) {
        room.events.emit('recordingKeyGiven', { participant, key })
      }
      return key !== undefined
    },
  }
  messages.on('joined', ({ participant, info, person }) => {
    participants.add(participant, signers.settle(participant, info), person)
    room.callMedia((media) => media.addParticipant(participant))
  })
  messages.on('left', ({ participant }) => {
    const wasLeaving = room.participant(participant)?.presence === 'leaving'
    if (!wasLeaving) room.callMedia((media) => media.removeParticipant(participant))
    participants.remove(participant)
    files.left(participant)
  })
  messages.on('presence', ({ participant, presence }) => {
    // It is closed out at once, although its place stays for a moment.
    if (presence === 'leaving') {
      room.callMedia((media) => media.removeParticipant(participant))
      files.left(participant)
    }
    if (presence === 'present') room.callMedia((media) => media.resync(participant))
    participants.setPresence(participant, presence)
  })
  messages.on('info', ({ participant, info }) =>
    participants.setInfo(participant, signers.settle(participant, info)),
  )
  messages.on('message', (message) => {
    const isUnderstood = receivers[message.kind]?.(message) ?? persons.receive(message)
    if (isUnderstood !== true) drops.count('malformed-body')
  })
  messages.on('looked', ({ show }) => {
    const others = [...participants.all.values()]
    show([room.self(), ...others].map(({ name }) => name))
  })
  messages.on('acknowledged', ({ id }) => chat.acknowledged(id))
  messages.on('missed', (missed) => chat.miss(missed, history?.isAsking === true))
  messages.on('messagesLost', ({ participant: id, count }) => {
    const participant = room.participant(id)
    if (participant !== undefined) room.events.emit('messagesLost', { participant, count })
  })
  messages.on('said', ({ id, kind, sequence }) => {
    if (kind === MESSAGE_KINDS.chat) chat.said(id, sequence)
  })
  messages.on('refused', ({ id }) => chat.refused(id))
  messages.on('dropped', ({ reason, count }) => drops.count(reason, count))
  messages.on('problem', (problem) => room.problem(problem))
  persons.on('codeChanged', ({ code }) => room.codeChanged(code))
  persons.on('problem', (problem) => room.problem(problem))
  if (persons.hasFailed) room.problem(problemOf('ERR_CLIENT_PERSON'))
  persons.on('confirmationsChanged', () => participants.confirmationsChanged())
  messages.on('up', () => {
    chat.connection('back')
    room.setState('connected')
    room.callMedia((media) => media.resync())
  })
  messages.on('down', () => {
    chat.connection('lost')
    room.setState('reconnecting')
  })
  messages.on('ended', ({ reason }) => room.ended(reason))
}

const wireAdmission = ({ governance }: RoomParts<KeySource>, room: WiredRoom): void => {
  const { admission } = governance
  admission.on('changed', () => room.authorityChanged())
  admission.on('stated', () => room.events.emit('statementsChanged', {}))
  admission.on('asks', (asking) => room.events.emit('asks', asking))
  admission.on('moved', ({ path }) => room.events.emit('moved', { path }))
  admission.on('renewalDue', () => room.events.emit('renewalDue', {}))
  admission.on('spent', () => room.problem(problemOf('ERR_CLIENT_ROOM_SPENT')))
  admission.on('removing', ({ participant: id }) => {
    const participant = room.participants.all.get(id)
    if (participant !== undefined) room.events.emit('removed', { participant })
  })
}

/** Messages from before this session came, where there are signatures by which they can be told. spec R62 */
const wireHistory = (
  { introductions, persons, governance, ...parts }: RoomParts<KeySource>,
  { chat, drops, ...room }: WiredRoom,
): HistoryExchange | undefined => {
  if (introductions === undefined) return undefined
  const { admission } = governance
  const history = createHistory({
    ...parts,
    introductions,
    person: persons.certifying,
    rules: {
      get history() {
        return admission.authority?.history ?? 'none'
      },
      get isInside() {
        return admission.isInside
      },
      on: (type, handler) => admission.on(type, handler),
    },
    nameOf: (id) => room.participant(id)?.name ?? '',
  })
  history.on('told', () => chat.setTold(history.told, history.isAsking))
  history.on('dropped', ({ reason, count }) => drops.count(reason, count))
  return history
}

const wireMedia = (
  { media, self, messages }: RoomParts<KeySource>,
  { participants, drops, ...room }: WiredRoom,
): void => {
  media?.on('trackAdded', ({ participant, source, track }) =>
    participants.setTrack(participant, source, track),
  )
  media?.on('trackRemoved', ({ participant, source }) =>
    participants.setTrack(participant, source, undefined),
  )
  media?.on('connectionChanged', ({ participant, connection }) =>
    participants.setConnection(participant, connection),
  )
  media?.on('e2eeStateChanged', ({ participant: id, ...event }) => {
    const shown = SHOWN_E2EE[event.state]
    if (id === self) {
      room.published.setE2EE(event.source, shown)
      room.showSelf()
      if (event.state === 'EncryptionSuccess') messages.ownKeys?.framesSealed(0)
    } else participants.setE2EE(id, event.source, shown)
    if (event.reason === 'not-signed') room.problem(problemOf('ERR_CLIENT_NOT_SIGNED'))
    const participant = room.participant(id)
    if (participant !== undefined) {
      room.events.emit('e2ee-state-change', { participant, ...event })
    }
  })
  let wasRestarting = false
  media?.on('protectionChanged', ({ protection }) => {
    room.protectionChanged(protection)
    const { send } = protection
    if (wasRestarting && send === 'working') room.events.emit('restored', {})
    wasRestarting = send === 'restarting'
  })
  media?.on('cleartextRisk', (risk) => room.events.emit('cleartext-risk', risk))
  media?.on('restarted', () => {
    room.published.forgetE2EE()
    participants.forgetE2EE()
    room.showSelf()
  })
  media?.on('failed', (problem) => room.events.emit('failed', problem))
  media?.on('problem', (problem) => room.problem(problem))
  media?.on('dropped', ({ reason, count }) => drops.count(reason, count))
}

/** Whether frames come from those sources that are sent steadily: a still screen, or one without sound, has none. spec R112 */
const watchFlow = (
  { media, self, clock }: RoomParts<KeySource>,
  { participants, ...room }: WiredRoom,
): FlowWatch | undefined =>
  media &&
  new FlowWatch({
    clock,
    stats: () => media.stats(),
    expected() {
      const isSentOn = (source: TrackSource, id: ParticipantId): boolean =>
        id === self && source === 'camera'
          ? media.isWatched?.(source) !== false
          : !participants.isPaused(id, source)
      const others = [...participants.all.values()]
      // Nothing is sealed before there is somebody to send to.
      const isSent = others.some(({ connection }) => connection === 'connected')
      return [...others, ...(isSent ? [room.self()] : [])].flatMap(({ id, tracks }) =>
        STEADY_SOURCES.filter(
          (source) => tracks.get(source)?.enabled === true && isSentOn(source, id),
        ).map((source) => ({ participant: id, source })),
      )
    },
    changed({ participant, source }, isStalled) {
      if (participant !== self) return participants.setStalled(participant, source, isStalled)
      room.published.setStalled(source, isStalled)
      room.showSelf()
    },
  })

const STEADY_SOURCES = ['microphone', 'camera'] as const

/** The state of a source whose frames are in a state. spec R34 */
const SHOWN_E2EE: Readonly<Record<E2eeState, TrackE2EE>> = {
  EncryptionSuccess: 'ok',
  EncryptionFailed: 'failed',
  DecryptionSuccess: 'ok',
  MissingKey: 'waiting-key',
  DecryptionFailed: 'failed',
  InvalidKey: 'failed',
  InternalError: 'failed',
}
