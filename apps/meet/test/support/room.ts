/** A room whose other people are the test. */
import type { ChatMessage, Participant, ParticipantTrack, TrackSource } from '@conclave/client'
import type { CallPort, CallSnapshot } from '../../src/state/client-port.ts'
import { TestTrack, asTrack } from './tracks.ts'

type Handler = (event: never) => void

export class TestRoom {
  readonly id = 'room'
  readonly others = new Map<string, Participant>()
  readonly published = new Map<TrackSource, ParticipantTrack>()
  /** The calls of the app, in order. */
  readonly log: string[] = []
  readonly closed: Promise<{ reason: 'left' | 'replaced' | 'refused' | 'removed' }>
  snapshot: CallSnapshot
  code: CallSnapshot['code'] = { state: 'none' }
  canSend = true
  isKept = true
  missed: CallSnapshot['missed'] = []
  media: CallSnapshot['media'] = { send: 'working', receive: 'working' }
  view: CallSnapshot['authority'] = {
    standing: 'admitted',
    role: undefined,
    number: 0,
    rule: 'open',
    history: 'none',
    isInvitationEnded: false,
    isFull: false,
    isConflicting: false,
    asking: [],
    hosts: [],
  }
  readonly #handlers = new Map<string, Set<Handler>>()
  #end: (end: { reason: 'left' | 'replaced' | 'refused' | 'removed' }) => void = () => undefined

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#end = resolve
    })
    this.snapshot = this.#now('connected', [])
  }

  /** The calls that an owner makes; `canAct`: whether they work. */
  canAct = true
  readonly authority = Object.fromEntries(
    (['admit', 'refuse', 'remove', 'setRule', 'setHistory', 'setHost'] as const).map((name) => [
      name,
      async (given: string, options?: { readonly isHost: boolean }) => {
        this.log.push([name, given, options?.isHost].join(' ').trim())
        if (!this.canAct) throw new Error('not permitted')
        if (name === 'setRule') this.govern({ rule: given as 'ask' })
      },
    ]),
  )

  /** The statements change. */
  govern(change: Partial<CallSnapshot['authority']>): void {
    const { rule } = this.view
    this.view = { ...this.view, ...change }
    this.#change({})
    const { isInvitationEnded } = this.view
    if (this.view.rule !== rule) {
      this.emit('ruleChanged', { rule: this.view.rule, isInvitationEnded })
    }
  }

  /** As the type that the code under test asks for. */
  get port(): CallPort {
    return this as unknown as CallPort
  }

  readonly chat = {
    send: async (text: string): Promise<ChatMessage> => {
      if (!this.canSend) throw new Error('closed')
      const message = this.say('self', text)
      await Promise.resolve()
      return message
    },
  }

  /** Somebody writes. */
  say(from: string, text: string, at = 0): ChatMessage {
    const message = {
      id: `m${this.snapshot.messages.length}`,
      from,
      name: from,
      text,
      at,
      own: from === 'self',
      state: 'sent',
    } as ChatMessage
    this.#change({ messages: [...this.snapshot.messages, message] })
    this.emit('chat', { message })
    return message
  }

  /** Somebody tells what was written before. */
  tell(
    toldBy: string,
    messages: readonly (Partial<Omit<ChatMessage, 'from'>> & { readonly from: string })[],
  ): void {
    const told = messages.map((message, at) => {
      const whole = { id: `told${at}`, name: message.from, at: 0, own: false, state: 'sent' }
      return { ...whole, ...message, toldBy } as unknown as ChatMessage
    })
    this.#change({ messages: [...told, ...this.snapshot.messages] })
    this.emit('historyTold', { messages: told })
  }

  /** The protection of media changes. */
  protect(media: CallSnapshot['media']): void {
    this.media = media
    this.#change({})
  }

  /** Messages do not come while this person is away. */
  miss(...missed: CallSnapshot['missed']): void {
    this.missed = missed
    this.#change({})
  }

  /** The chat has exactly these messages. */
  show(messages: readonly ChatMessage[]): void {
    this.#change({ messages })
  }

  /** Somebody comes. */
  enter(id: string, more: Partial<Participant> = {}): Participant {
    const person = participant(id, more)
    this.set(person)
    this.emit('participantJoined', { participant: person })
    return person
  }

  /** Somebody is another way. */
  set(person: Participant): void {
    this.others.set(person.id, person)
    this.#change({})
  }

  /** The server is there, or not. */
  setState(state: CallSnapshot['state']): void {
    this.#change({ state })
  }

  setCode(code: CallSnapshot['code']): void {
    this.code = code
    this.#change({})
  }

  /** Confirms somebody, or takes it back. */
  async confirm(id: string, confirmed = true): Promise<boolean> {
    this.log.push(`${confirmed ? 'confirm' : 'take back'} ${id}`)
    await Promise.resolve()
    return this.isKept
  }

  setName(name: string): void {
    this.log.push(`name ${name}`)
  }

  /** Somebody goes. */
  depart(id: string): void {
    const person = this.others.get(id)
    this.others.delete(id)
    this.#change({})
    this.emit('participantLeft', { participant: person })
  }

  /** The session is ended from outside. */
  end(reason: 'left' | 'replaced' | 'refused' | 'removed'): void {
    this.#change({ state: 'left' })
    this.#end({ reason })
  }

  emit(type: string, event: unknown): void {
    for (const handler of this.#handlers.get(type) ?? []) handler(event as never)
  }

  /** How many handlers are subscribed. */
  get subscriptions(): number {
    return [...this.#handlers.values()].reduce((sum, set) => sum + set.size, 0)
  }

  subscribe = (listener: () => void): (() => void) => this.on('snapshot', listener)

  on(type: string, handler: Handler): () => void {
    const set = this.#handlers.get(type) ?? new Set()
    this.#handlers.set(type, set.add(handler))
    return () => set.delete(handler)
  }

  async publish(stream: MediaStream, { source = 'camera' } = {}): Promise<void> {
    for (const track of stream.getTracks()) {
      const slot =
        track.kind === 'video' ? source : source === 'camera' ? 'microphone' : 'screen-audio'
      this.published.set(slot as TrackSource, {
        track,
        enabled: true,
        e2ee: 'ok',
        liveness: 'live',
      })
      this.log.push(`publish ${slot}`)
    }
    await Promise.resolve()
    this.#change({})
  }

  async unpublish(source: TrackSource): Promise<void> {
    this.published.delete(source)
    this.log.push(`unpublish ${source}`)
    await Promise.resolve()
    this.#change({})
  }

  watch(participant: string, source: string, wish: string): void {
    this.log.push(`watch ${participant} ${source} ${wish}`)
  }

  setEnabled(source: TrackSource, enabled: boolean): void {
    const entry = this.published.get(source)
    if (entry !== undefined) this.published.set(source, { ...entry, enabled })
    this.log.push(`${enabled ? 'enable' : 'disable'} ${source}`)
    this.#change({})
  }

  /** Happens at the end of the session. */
  lastWords = (): void => undefined

  async leave(): Promise<void> {
    this.log.push('leave')
    this.end('left')
    this.lastWords()
    await this.closed
  }

  #change(change: Partial<CallSnapshot>): void {
    const { state, messages } = { ...this.snapshot, ...change }
    this.snapshot = this.#now(state, messages)
    this.emit('snapshot', undefined)
  }

  #now(state: CallSnapshot['state'], messages: readonly ChatMessage[]): CallSnapshot {
    const tracks = new Map(this.published)
    const self = participant('self', { name: 'Alice', isSelf: true, tracks })
    const { view: authority, code, missed } = this
    const participants = new Map(this.others)
    return { state, messages, missed, self, authority, code, participants, media: this.media }
  }

  leaveNow(): void {
    this.log.push('leave now')
    this.end('left')
  }
}

/** A participant with a live camera and microphone, unless the test says otherwise. */
export function participant(id: string, more: Partial<Participant> = {}): Participant {
  const tracks =
    more.tracks ??
    new Map<TrackSource, ParticipantTrack>([
      ['camera', track('video')],
      ['microphone', track('audio')],
    ])
  const published = Object.fromEntries(
    [...tracks].map(([source, { enabled }]) => [source, enabled]),
  )
  return {
    id,
    name: id,
    isSelf: false,
    connection: 'connected',
    confirmation: 'none',
    recordingSince: undefined,
    presence: 'present',
    tracks,
    published,
    ...more,
  } as Participant
}

/** A track of a participant. */
export function track(
  kind: 'audio' | 'video',
  more: Partial<ParticipantTrack> = {},
): ParticipantTrack {
  return {
    track: asTrack(new TestTrack(kind, kind)),
    enabled: true,
    e2ee: 'ok',
    liveness: 'live',
    ...more,
  }
}
