/**
 * A call as the screen sees it: who is there, what is said, what this person sends.
 *
 * @module
 */
import type {
  Participant,
  ProblemCode,
  RoomCode,
  RoomEvents,
  RoomProperties,
  RoomState,
} from '@conclave/client'
import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals'
import { CallAuthority } from './authority.ts'
import { playCallCues } from './call-cues.ts'
import { Chat } from './chat.ts'
import type { CallPort, ClientPort } from './client-port.ts'
import type { CuePort } from './cue-port.ts'
import type { Clock } from '@conclave/base'
import { keepMessages } from './kept-messages.ts'
import type { LocalMedia } from './local-media.ts'
import type { MediaPort } from './media-port.ts'
import { watchMutedSpeech } from './muted-speech.ts'
import { NameBook, type NameWords } from './names.ts'
import type { Notices } from './notices.ts'
import { publishLocalMedia } from './publisher.ts'
import { followRoom } from './room-snapshot.ts'
import { watchOtherKeys } from './other-keys.ts'
import { Patience } from './patience.ts'
import { PATIENCE_MS, type Person, Roster, type Wait, isMuted, waitId, waitsOf } from './roster.ts'
import { ScreenShare } from './screen-share.ts'
import { type LevelPort, SpeakingMonitor } from './speaking-monitor.ts'
import { type StoppedMedia, stoppedMedia } from './stopped-media.ts'

/** The parts that a call needs besides its room. */
export interface CallContext {
  readonly media: LocalMedia
  readonly mediaPort: MediaPort
  readonly levels: LevelPort
  readonly notices: Notices
  readonly clock: Clock
  readonly cues: CuePort
  /** The app's own words among the names. */
  readonly nameWords: NameWords
  /** Whether the chat has room beside the call. */
  readonly chatFits: ReadonlySignal<boolean>
  readonly client: Pick<ClientPort, 'newLink' | 'ownerKey' | 'keepOwnerKey' | 'isMaker'>
  /** The call goes on in another room, whose link is this path below the address of the app. */
  readonly moved: (path: string) => void
}

/** A running call; ends with `close()`, which leaves the room. */
export class Call {
  readonly people: ReadonlySignal<readonly Person[]>
  readonly self: ReadonlySignal<Person | undefined>
  readonly connection: ReadonlySignal<RoomState>
  /** The facts about the room as it is now. */
  readonly facts: ReadonlySignal<RoomProperties>
  /** By it people compare whom they see. */
  readonly code: ReadonlySignal<RoomCode>
  /** The media that is stopped because it is not protected, if any. */
  readonly stopped: ReadonlySignal<StoppedMedia | undefined>
  readonly speaking: ReadonlySignal<ReadonlySet<string>>
  readonly chat: Chat
  /** The rule by which others come in, and those who ask. */
  readonly authority: CallAuthority
  readonly screenShare: ScreenShare
  readonly media: LocalMedia
  /** Whether the person is asked if they want to leave. */
  readonly asksToLeave: ReadonlySignal<boolean>

  readonly #asksToLeave: Signal<boolean> = signal(false)
  readonly #room: CallPort
  readonly #notices: Notices
  readonly #context: CallContext
  readonly #beganAt: number
  readonly #names: NameBook
  readonly #monitor: SpeakingMonitor
  readonly #endings: (() => void)[] = []
  readonly #reported = new Set<string>()
  readonly #watched = new Map<string, unknown>()
  readonly #stopHearing: () => void
  #isSaid = true

  constructor(room: CallPort, context: CallContext) {
    this.#room = room
    this.#notices = context.notices
    this.#context = context
    this.#beganAt = context.clock.now()
    const { snapshot, stop } = followRoom(room)
    this.#monitor = new SpeakingMonitor(context.levels, context.clock)
    this.#names = new NameBook(context.nameWords)
    const roster = new Roster(this.#names)
    const present = computed(() => roster.peopleOf(snapshot.value))
    const patience = new Patience(context.clock)
    this.people = computed(() => {
      const overdue = patience.overdue.value
      if (overdue.size === 0) return present.value
      const isOverdue = (person: Person, wait: Wait): boolean => overdue.has(waitId(person, wait))
      return present.value.map((person) => {
        const waits = waitsOf(person).filter((wait) => isOverdue(person, wait))
        return { ...person, overdue: new Set(waits) }
      })
    })
    this.self = computed(() => this.people.value.at(-1))
    this.connection = computed(() => snapshot.value.state)
    const authority = computed(() => snapshot.value.authority)
    this.facts = computed(() => {
      void authority.value
      return room.properties()
    })
    this.code = computed(() => snapshot.value.code)
    this.stopped = computed(() => stoppedMedia(snapshot.value.media))
    this.speaking = this.#monitor.speaking
    this.media = context.media
    this.asksToLeave = this.#asksToLeave
    this.chat = new Chat(room, {
      fits: context.chatFits,
      nameOf: (id, name) => this.#names.nameOf(id, name),
      nameOfAbsent: (id, name) => this.#names.nameOfAbsent(id, name),
    })
    this.screenShare = new ScreenShare(room, { port: context.mediaPort, notices: context.notices })
    this.authority = new CallAuthority(room, {
      ...{ snapshot, notices: context.notices, cues: context.cues, nameWords: context.nameWords },
      ...{ client: context.client, moved: context.moved },
      nameOf: ({ id, name }) => this.#names.nameOf(id, name),
    })
    this.#listen()
    // Until the end, a message that failed is shown in the chat.
    this.#stopHearing = room.on('chat', ({ message: { own, state } }) => {
      if (own && state === 'failed' && room.snapshot.state === 'left') this.#isSaid = false
    })
    this.#endings.push(
      stop,
      effect(() => {
        const waits = present.value.flatMap((person) =>
          waitsOf(person).map((wait) => [waitId(person, wait), PATIENCE_MS[wait]] as const),
        )
        patience.follow(new Map(waits))
      }),
      () => patience.close(),
      publishLocalMedia(room, { media: context.media, port: context.mediaPort }),
      effect(() => this.#monitor.follow(voicesOf(this.people.value, context.media))),
      watchMutedSpeech(context.media, {
        levels: context.levels,
        clock: context.clock,
        tell: () => this.#notices.show({ type: 'speaking-muted' }),
      }),
      watchOtherKeys(present, context.notices),
      this.#reportRefusals('microphone'),
      this.#reportRefusals('camera'),
      playCallCues(this, context.cues),
      keepMessages(room, context),
    )
  }

  /** Follows a press of Back: closes a chat that lies over the call, or asks whether to leave. */
  goBack(): void {
    if (this.chat.isOpen.peek() && !this.#context.chatFits.peek()) this.chat.setOpen(false)
    else this.#asksToLeave.value = true
  }

  /** Goes on with the call after the question. */
  stay(): void {
    this.#asksToLeave.value = false
  }

  /** Remembers that a person is who the name says, or takes it back. */
  async confirm(person: Person, confirmed = true): Promise<void> {
    const isKept = await this.#room.confirm(person.id, confirmed)
    if (confirmed && !isKept) this.#notices.show({ type: 'not-kept', name: person.name })
  }

  /** Says how much of a person's picture is looked at. */
  watch(...[participant, source, wish]: Parameters<CallPort['watch']>): void {
    this.#room.watch(participant, source, wish)
  }

  /** Leaves at once because the page goes away. */
  leaveNow(): void {
    this.#room.leaveNow()
  }

  /** Leaves the room and lets go of everything; safe to call again. Resolves to whether everything that was written was sent. */
  async close(): Promise<boolean> {
    for (const end of this.#endings.splice(0)) end()
    for (const timer of this.#watched.values()) this.#context.clock.clearTimeout(timer)
    this.#monitor.close()
    this.chat.close()
    this.authority.close()
    this.screenShare.close()
    await this.#room.leave()
    this.#stopHearing()
    return this.#isSaid
  }

  #listen(): void {
    this.#endings.push(
      this.#room.on('participantJoined', ({ participant }) => {
        // Participants who were here before are no news.
        if (this.#context.clock.now() - this.#beganAt < ARRIVAL_MS) return
        this.#notices.show({ type: 'joined', name: this.#nameOf(participant) })
        this.#context.cues.play('joined')
      }),
      this.#room.on('participantLeft', ({ participant }) => {
        this.#notices.show({ type: 'left', name: this.#nameOf(participant) })
        this.#context.cues.play('left')
      }),
      this.#room.on('trackAdded', ({ participant, source }) => {
        if (source === 'screen' && !participant.isSelf) {
          this.#notices.show({ type: 'sharing', name: this.#nameOf(participant) })
        }
      }),
      this.#room.on('e2ee-state-change', (event) => {
        this.#reportMedia(event)
      }),
      this.#room.on('problem', ({ code }) => {
        const type = NOTICE_BY_PROBLEM.get(code)
        if (type !== undefined) this.#reportOnce(type, () => this.#notices.show({ type }))
      }),
      this.#room.on('dropped', ({ reason }) => {
        const type = NOTICE_BY_DROP.get(reason)
        if (type !== undefined) this.#reportOnce(type, () => this.#notices.show({ type }))
      }),
    )
  }

  /** Says so when something of a person still cannot be verified after a moment. */
  #reportMedia({ participant: { id } }: RoomEvents['e2ee-state-change']): void {
    if (this.#watched.has(id) || !this.#hasFailed(id)) return
    const timer = this.#context.clock.setTimeout(() => {
      this.#watched.delete(id)
      const person = this.#room.snapshot.participants.get(id)
      if (person === undefined || !this.#hasFailed(id)) return
      this.#reportOnce(`media ${id}`, () => {
        this.#notices.show({ type: 'unverified-media', name: this.#nameOf(person) })
      })
    }, TROUBLE_MS)
    this.#watched.set(id, timer)
  }

  #hasFailed(id: string): boolean {
    const tracks = this.#room.snapshot.participants.get(id)?.tracks.values() ?? []
    return [...tracks].some((track) => track.enabled && track.e2ee === 'failed')
  }

  /** Says when a device that was wanted during the call did not open. */
  #reportRefusals(device: 'microphone' | 'camera'): () => void {
    let wasOpening = false
    return effect(() => {
      const now = this.media[device].value
      if (now.state === 'fault' && wasOpening) {
        this.#notices.show({ type: 'device-refused', device, fault: now.fault })
      }
      wasOpening = now.state === 'opening'
    })
  }

  #reportOnce(what: string, report: () => void): void {
    if (this.#reported.has(what) || this.#reported.size >= MAX_REPORTED) return
    this.#reported.add(what)
    report()
  }

  #nameOf({ id, name }: Participant): string {
    return this.#names.nameOf(id, name)
  }
}

/** The problems that people are told of: all others mend themselves, or are shown where they happen. */
const NOTICE_BY_PROBLEM: ReadonlyMap<
  ProblemCode,
  'media-stopped' | 'too-many-people' | 'call-spent'
> = new Map([
  ['ERR_MEDIA_NO_KEY', 'media-stopped'],
  ['ERR_CLIENT_MEDIA', 'media-stopped'],
  ['ERR_P2P_TOO_MANY_PEERS', 'too-many-people'],
  ['ERR_CLIENT_ROOM_SPENT', 'call-spent'],
] as const)

/** The drops that people are told of: repeats and late answers happen in every network. */
const NOTICE_BY_DROP: ReadonlyMap<string, 'unverified-messages' | 'messages-lost'> = new Map([
  ['not-authentic', 'unverified-messages'],
  ['other-key', 'unverified-messages'],
  ['other-sealer', 'unverified-messages'],
  ['reflected', 'unverified-messages'],
  ['not-sealed', 'unverified-messages'],
  ['malformed', 'unverified-messages'],
  ['malformed-body', 'unverified-messages'],
  ['malformed-frame', 'unverified-messages'],
  ['malformed-control', 'unverified-messages'],
  ['lost', 'messages-lost'],
])

/** How long a track has to fail before the failure is reported; a change of tracks takes less. */
const TROUBLE_MS = 3000

const MAX_REPORTED = 64

/** Those who are told of within this time after joining were in the room before. */
const ARRIVAL_MS = 3000

const voicesOf = (
  people: readonly Participant[],
  media: LocalMedia,
): readonly { readonly id: string; readonly track: MediaStreamTrack }[] => {
  const voices: { id: string; track: MediaStreamTrack }[] = []
  const own = media.microphone.value
  for (const person of people) {
    const { id, isSelf, tracks } = person
    const track = tracks.get('microphone')?.track
    if (isSelf) {
      if (own.state === 'on' && !own.muted) voices.push({ id, track: own.track })
    } else if (track !== undefined && !isMuted(person)) voices.push({ id, track })
  }
  return voices
}
