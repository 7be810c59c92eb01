/**
 * The one error class of this package and its codes.
 *
 * @module
 */
import {
  CodedError,
  type CodedErrorOptions,
  type ErrorMessages,
  isCodedError,
} from '@conclave/base'
import type { RefusedReason, Right } from '@conclave/wire'
import type { ChannelEnd } from './channels/channel-end.ts'
import type { FileFailure } from './files/file-end.ts'

/** The details of each code. */
export interface ClientErrorDetails {
  /** An argument is wrong: `argument` names it. The error is a `TypeError`. spec R35 */
  readonly ERR_CLIENT_ARGUMENT: { readonly argument: string }
  /** The link cannot be used; `reason` says why. spec R1 */
  readonly ERR_CLIENT_LINK_INVALID: { readonly reason: LinkProblem }
  /** The access key did not sign the hub's challenge; `cause` is its error. spec R33 */
  readonly ERR_CLIENT_ACCESS: undefined
  /** The hub refused the access proof or the handshake. spec R2 */
  readonly ERR_CLIENT_REFUSED: undefined
  /** The room has as many participants as the hub allows. */
  readonly ERR_CLIENT_FULL: undefined
  /** This browser lacks features that encryption needs; `missing` names them. */
  readonly ERR_CLIENT_UNSUPPORTED: { readonly missing: readonly string[] }
  /** Frames went past the encryption, and their track was stopped. A problem. spec R32 */
  readonly ERR_CLIENT_CLEARTEXT_RISK: undefined
  /** The key source or the transport failed while a message was sealed, sent or opened. A problem. spec R32 */
  readonly ERR_CLIENT_MESSAGE_FAILED: undefined
  /** The media transport failed. A problem. spec R32 */
  readonly ERR_CLIENT_MEDIA: undefined
  /** The hub will never take over a message that was sent. A problem. spec R32 */
  readonly ERR_CLIENT_MESSAGE_REFUSED: undefined
  /** A participant's track had frames that it did not sign: somebody else sent them, and the track stopped. A problem. spec R136 */
  readonly ERR_CLIENT_NOT_SIGNED: undefined
  /** The storage of persons failed: others see this session without its person. A problem. spec R85 */
  readonly ERR_CLIENT_PERSON: undefined
  /** The hub names more participants than a session remembers. A problem. spec R32 */
  readonly ERR_CLIENT_ROSTER_FULL: undefined
  /** A published track ended by itself. A problem. spec R36 */
  readonly ERR_CLIENT_TRACK_ENDED: undefined
  /** Only the room's owner, or a host, may do this. */
  readonly ERR_CLIENT_NOT_PERMITTED: undefined
  /** So many sessions were removed that the room takes no further statement: make a new room. */
  readonly ERR_CLIENT_ROOM_SPENT: undefined
  /** No person certifies the participant: it cannot be a host. */
  readonly ERR_CLIENT_NO_PERSON: undefined
  /** This session has not been let in: nobody would read the message. */
  readonly ERR_CLIENT_NOT_ADMITTED: undefined
  /** The recording was not announced, so nothing may be recorded; `reason` says why. spec Q2 */
  readonly ERR_CLIENT_RECORDING: { readonly reason: RecordingRefusal }
  /** A file was not sent or not received; `reason` says why. spec R200 */
  readonly ERR_CLIENT_FILE: { readonly reason: FileFailure }
  /** The caller's `signal` ended the operation; its reason is the `cause`. */
  readonly ERR_CLIENT_ABORTED: undefined
  /** The participant is not in the room, or left it before it had what was sent. spec R172 */
  readonly ERR_CLIENT_NO_PARTICIPANT: undefined
  /** The other side did not answer a request; `reason` says why. spec R179 */
  readonly ERR_CLIENT_REQUEST: { readonly reason: RequestFailure }
  /** The answer to a request did not come in time. */
  readonly ERR_CLIENT_TIMEOUT: undefined
  /** The hub cannot be reached, and it is tried again; `reason` is as much as a program may know. A problem. spec R231 */
  readonly ERR_CLIENT_UNREACHABLE: { readonly host: string; readonly reason: UnreachableReason }
  /** The code of a part of the room could not be loaded; `cause` is the browser's error. The next call tries again. */
  readonly ERR_CLIENT_NOT_LOADED: undefined
  /** The application or the hub did not let this client into the channel, or the grant lacks the right that `right` names. spec G91 */
  readonly ERR_CLIENT_CHANNEL_DENIED: {
    readonly channel: string
    readonly right: Right | undefined
  }
  /** The channel ended before the hub had the message; `reason` says why. spec G91 */
  readonly ERR_CLIENT_CHANNEL_ENDED: { readonly channel: string; readonly reason: ChannelEnd }
  /** The hub will never take this message; `reason` is its word. spec G95 */
  readonly ERR_CLIENT_CHANNEL_REFUSED: {
    readonly channel: string
    readonly reason: RefusedReason
  }
  /** Too many messages wait for the hub; this one was not sent. spec R5 */
  readonly ERR_CLIENT_OVERFLOW: undefined
  /** The room was left, or this session was replaced or refused. */
  readonly ERR_CLIENT_CLOSED: undefined
}

/** Why a link cannot be used. spec R1 */
export type LinkProblem = 'not-a-room' | 'missing-secret' | 'damaged-secret' | 'wrong-secret'

/**
 * Why a recording is not announced: `running`: this session announces one already; `unsigned`: the application brings the keys
 * of each participant, so nothing proves who announces; `refused`: the hub does not take the announcement. spec Q2
 */
export type RecordingRefusal = 'running' | 'unsigned' | 'refused'

/**
 * Why a hub cannot be reached: `no-answer`: nothing answers at its address; `draining`: it is going away; `refused`: it works, and
 * refuses this connection, as one of another origin; `unknown`: something answers that does not say that it is a hub. spec R231
 */
export type UnreachableReason = 'no-answer' | 'draining' | 'refused' | 'unknown'

/**
 * Why a request has no answer: `failed`: its handler threw, or the value is none; `busy`: too many are open; `unhandled`: the topic has no handler;
 * `too-large`: the answer is more than 1 MiB.
 */
export type RequestFailure = 'failed' | 'busy' | 'unhandled' | 'too-large'
export type { ChannelEnd } from './channels/channel-end.ts'
export type { FileEnd, FileEndReason, FileFailure } from './files/file-end.ts'

/** A code of {@link ClientError}. */
export type ClientErrorCode = keyof ClientErrorDetails

/** A failure that the app must know about. `code` says which; messages never hold secrets or content. */
export class ClientError<C extends ClientErrorCode = ClientErrorCode> extends CodedError<
  ClientErrorDetails,
  C
> {
  override readonly name: string = 'ClientError'

  constructor(code: C, details: ClientErrorDetails[C], options: CodedErrorOptions = {}) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/** `ClientError` as a union over its codes, so that `switch (error.code)` narrows `details`. */
export type AnyClientError = { [C in ClientErrorCode]: ClientError<C> }[ClientErrorCode]

/** Whether a value is a {@link ClientError}, also across realms and copies of this package. */
export function isClientError(value: unknown): value is AnyClientError {
  return isCodedError(value, 'ClientError', MESSAGES)
}

const MESSAGES: ErrorMessages<ClientErrorDetails> = {
  ERR_CLIENT_CLEARTEXT_RISK: 'frames went past the encryption; their track was stopped',
  ERR_CLIENT_MESSAGE_FAILED: 'the key source or the transport failed, and a message was dropped',
  ERR_CLIENT_MEDIA: 'the media transport failed',
  ERR_CLIENT_MESSAGE_REFUSED: 'the hub refused a message for good',
  ERR_CLIENT_NOT_SIGNED: 'frames came in the name of a participant who did not sign them',
  ERR_CLIENT_PERSON: 'the storage of persons failed',
  ERR_CLIENT_ROSTER_FULL: 'the hub names too many participants',
  ERR_CLIENT_TRACK_ENDED: 'a published track ended',
  ERR_CLIENT_ARGUMENT: 'an argument is wrong',
  ERR_CLIENT_ACCESS: 'the access key did not sign',
  ERR_CLIENT_LINK_INVALID: 'the link cannot be used',
  ERR_CLIENT_FULL: 'the room is full',
  ERR_CLIENT_REFUSED: 'the hub refused this session',
  ERR_CLIENT_UNSUPPORTED: 'this browser lacks a feature that encrypted calls need',
  ERR_CLIENT_NOT_PERMITTED: "only the room's owner or a host may do this",
  ERR_CLIENT_ROOM_SPENT: 'as many sessions are remembered, as removed or met, as can be',
  ERR_CLIENT_NO_PERSON: 'no person certifies the participant',
  ERR_CLIENT_NO_PARTICIPANT: 'the participant is not in the room',
  ERR_CLIENT_UNREACHABLE: 'the hub cannot be reached',
  ERR_CLIENT_NOT_LOADED: 'the code of a part of the room could not be loaded',
  ERR_CLIENT_NOT_ADMITTED: 'this session was not let in',
  ERR_CLIENT_REQUEST: 'the other side did not answer the request',
  ERR_CLIENT_TIMEOUT: 'the answer did not come in time',
  ERR_CLIENT_RECORDING: 'the recording was not announced',
  ERR_CLIENT_FILE: 'the file was not transferred',
  ERR_CLIENT_ABORTED: 'aborted by the caller',
  ERR_CLIENT_CHANNEL_DENIED: 'this client may not do this in the channel',
  ERR_CLIENT_CHANNEL_ENDED: 'the channel ended',
  ERR_CLIENT_CHANNEL_REFUSED: 'the hub refused the message for good',
  ERR_CLIENT_OVERFLOW: 'too many messages wait for the hub',
  ERR_CLIENT_CLOSED: 'the room was left',
}
