/**
 * The targets, options, events and figures of a room.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { AccessKey, KeySource } from '@conclave/e2ee'
import type { OwnerKeys } from '@conclave/e2ee/authority'
import type { E2eeState, MediaStats, StateReason } from '@conclave/media'
import type { ParticipantId, RoomId } from '@conclave/wire'
import type { Asking } from '../admission/asking-list.ts'
import type { Standing } from '../admission/own-standing.ts'
import type { RoomRule } from '../admission/room-control.ts'
import { type Kind, oneOf } from '../arguments.ts'
import type { CleartextRisk, MediaTransportFactory } from '../call/media-transport.ts'
import type { MeshTransportOptions } from '../call/protected-mesh.ts'
import type { IncomingFile } from '../files/file-api.ts'
import type { PersonStorage } from '../persons/person-storage.ts'
import type { RoomProblem } from '../problem.ts'
import type { KeyLimits } from '../keys/key-schedule.ts'
import type { UnreachableHub } from '../hub/unreachable-hub.ts'
import type { WakeSignals } from '../hub/wake-signals.ts'
import type { AuthorizeJoin } from '../hub/websocket-connection.ts'
import type { TrackSource } from '../track-source.ts'
import type { TransportEnd, TransportFactory } from '../transport.ts'
import type { ChatMessage } from './chat.ts'
import type { Participant } from './participant.ts'
import type { ParticipantEvents } from './participants.ts'
import type { RoomState } from './room-store.ts'

/** A room to join without a link: where it is, how to get in, and the keys of everything in it. spec R26 */
export interface RoomTarget<Keys extends KeySource = KeySource> {
  readonly room: RoomId
  /**
   * Any key source or key provider, or a function that makes one for the session's fresh id. It stays yours: you close it when
   * the room has ended. The join waits for a passphrase that is being stretched.
   */
  readonly keys: Keys | ((self: ParticipantId) => Keys)
  /**
   * Signs the hub's challenge and names the public key; the room's id certifies it. Needed when `hub` is an address.
   * You may sign elsewhere, on a server of yours for example.
   */
  readonly access?: AccessKey | undefined
  /** The fingerprint of the room's owner, 16 bytes, which the room's id certifies; left out: nobody owns the room. */
  readonly ownerFingerprint?: Uint8Array | undefined
  /** The hub's WebSocket address, or a function that makes another transport. */
  readonly hub: string | TransportFactory
}

/** How to join a room. All optional. */
export interface RoomOptions extends MeshTransportOptions {
  /** The name under which others see this session; sealed, at most 80 characters. */
  readonly name?: string | undefined
  /** Ends the joining, which otherwise waits for the hub. After that use `room.leave()`. */
  readonly signal?: AbortSignal | undefined
  /**
   * Called once when the hub cannot be reached at first; the join goes on and completes when it can. `hub.examine()` finds out
   * why, as far as it can be known; a transport without a hub gives none. spec R3 R231
   */
  readonly onUnreachable?: ((hub?: UnreachableHub) => void) | undefined
  /** The hub's WebSocket address, absolute or relative to the link; `/hub` on the link's host by default. */
  readonly hub?: string | undefined
  /**
   * Gives a token of your server for a hub that is closed: asked on each connection, for that connection only. One that throws, or answers no
   * token, is `ERR_CLIENT_ACCESS`. spec R188
   */
  readonly authorize?: AuthorizeJoin | undefined
  /**
   * `false` joins for chat only, also where there is no WebRTC, as in Node. A function makes the media transport; by
   * default media goes over a mesh, and a worker that does not start is a problem of a room that goes on. `'required'`: the join rejects then. spec R25, R121
   */
  readonly media?: boolean | 'required' | MediaTransportFactory | undefined
  /**
   * `true` signs this session's media: where a media server carries it, nobody else in the room can send in its name with the server's
   * help. Others verify by themselves. For rooms whose sessions introduce themselves. spec R134
   */
  readonly signedMedia?: boolean | undefined
  /** Makes another transport for sealed messages than the hub. */
  readonly transport?: TransportFactory | undefined
  /**
   * The statements that `room.authority.statements()` gave in an earlier session of the owner's device: a room that
   * everybody left has forgotten them. Others change nothing that is newer. Those of other rooms are ignored. spec R104
   */
  readonly statements?: readonly Uint8Array[] | undefined
  /** Signs that this device was away; by default those of the page. spec R22 */
  readonly wakeSignals?: WakeSignals | undefined
  /**
   * Where this browser keeps its person of the room, as whom others know it again after a reload. By default the
   * database of the page, where there is one; `false`: this session has no person. spec R85
   */
  readonly persons?: PersonStorage | false | undefined
  /**
   * The keys of the room's owner, on its devices: this session then sets the rule, lets in and puts out. spec R76
   */
  readonly owner?: OwnerKeys | undefined
  /**
   * After how much the key under which this session speaks changes by itself: messages to the room (10,000), frames (2^20)
   * or milliseconds (15 minutes). spec R51
   */
  readonly keyLimits?: Partial<KeyLimits> | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
}

/** Events of a room. */
export interface RoomEvents extends ParticipantEvents {
  /** A message came, was sent, was taken over by the hub, or was refused: look at `message.state`. */
  readonly chat: { readonly message: ChatMessage }
  /**
   * A participant told messages from before this session came, which the chat has before all others, or from a time when
   * others had lost this session, which it has where they belong. `messages` are the new ones, oldest first.
   */
  readonly historyTold: { readonly messages: readonly ChatMessage[] }
  /**
   * A participant will never get `count` messages of this session, by its own word: it was away, or slow, while this session said more than
   * the newest 1,024 (4 MiB) that are kept for it. The count is that since the last such event, and has more than the chat. spec R223
   */
  readonly messagesLost: { readonly participant: Participant; readonly count: number }
  /** A participant that records gave this session the key of its recording, for `parseRecordingKey` of `@conclave/recording`. spec Q5 */
  readonly recordingKeyGiven: { readonly participant: Participant; readonly key: string }
  /**
   * A participant offers a file: accept or refuse it. Without a handler files are refused. Name and type are texts of somebody else. spec R192
   */
  readonly file: { readonly file: IncomingFile }
  readonly stateChanged: { readonly state: RoomState }
  /** The encryption of a participant's or this session's media changed its state. Every failure is followed by an event when it ends. */
  readonly 'e2ee-state-change': {
    readonly participant: Participant
    readonly source: TrackSource
    readonly kind: 'audio' | 'video'
    readonly state: E2eeState
    readonly reason?: StateReason | undefined
  }
  /**
   * Frames went past the encryption, because the browser lost it: nothing is sent, or nothing is played, from now on, and
   * `snapshot.media` says so. Tell the person, leave and join again. At most once for each direction. spec R110
   */
  readonly 'cleartext-risk': CleartextRisk
  /**
   * The encryption of media failed, for this reason: nothing is sent or played, in clear or otherwise. Look at
   * `snapshot.media`: `restarting` comes back by itself; `stopped` is final, and the person has to leave and join again. spec R110
   */
  readonly failed: RoomProblem
  /** Media is protected again, after `failed`: by a new worker, under new keys, over new connections. spec R111 */
  readonly restored: Record<never, never>
  /** Something was dropped for this reason for the first time; `stats()` counts on. */
  readonly dropped: { readonly reason: string; readonly count: number }
  /**
   * Something failed that no call reports: `code` to switch on, `reason` and `fix` for whoever develops the application.
   * The same one comes at most once in 10 s; early ones wait for the first handler. spec R32
   */
  readonly problem: RoomProblem
  /** This session was let in, or not: look at `snapshot.authority.standing`. */
  readonly standingChanged: { readonly standing: Standing }
  /** A session asks to be let in. */
  readonly asks: Asking
  /** The owner or a host said something: `room.authority.statements()` has it. */
  readonly statementsChanged: Record<never, never>
  /** The owner set another rule, or ended the invitation. */
  readonly ruleChanged: { readonly rule: RoomRule; readonly isInvitationEnded: boolean }
  /**
   * The owner gave everyone a new link: `path` is relative to the address of the app, as in `new URL(path, base)`. Join it,
   * and leave this room.
   */
  readonly moved: { readonly path: string }
  /**
   * So many sessions are remembered, as removed or met, that soon nobody else can be let in: make a new link with
   * `authority.newLink`, and go there. For the owner's session, once a minute until it is made. spec R107
   */
  readonly renewalDue: Record<never, never>
  /** The owner or a host removed a participant, which leaves now. */
  readonly removed: { readonly participant: Participant }
  readonly closed: { readonly reason: TransportEnd }
}

/** The name of an event, as an argument. */
export const EVENT: Kind = oneOf(
  ...Object.keys({
    participantJoined: 1,
    participantLeft: 1,
    participantChanged: 1,
    recordingStarted: 1,
    recordingEnded: 1,
    recordingKeyGiven: 1,
    trackAdded: 1,
    trackRemoved: 1,
    chat: 1,
    historyTold: 1,
    messagesLost: 1,
    file: 1,
    stateChanged: 1,
    'e2ee-state-change': 1,
    'cleartext-risk': 1,
    failed: 1,
    restored: 1,
    dropped: 1,
    problem: 1,
    standingChanged: 1,
    asks: 1,
    statementsChanged: 1,
    ruleChanged: 1,
    removed: 1,
    moved: 1,
    renewalDue: 1,
    closed: 1,
  } satisfies Record<keyof RoomEvents, 1>),
)

/** Figures for diagnostics. They hold no content, names, keys or addresses. */
export interface RoomStats {
  /** How often something was dropped, by reason. */
  readonly dropped: { readonly [reason: string]: number | undefined }
  /** The counters of the frame encryption; `undefined` without media, and after its worker ended. */
  readonly media: MediaStats | undefined
}
