/**
 * One connection to a hub that carries many guarded channels: requests with their answers, and what the hub tells without
 * being asked. It ends once and is not used again.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type {
  ChannelName,
  DataFrame,
  DeniedMessage,
  MemberPageMessage,
  MembersMessage,
  PublishFrame,
  RefreshedMessage,
  RefreshMessage,
  SignalFrame,
  SubscribedMessage,
  SubscribeMessage,
  UnavailableMessage,
} from '@conclave/wire'
import { type HubMessage, HubSocket, NORMAL_CLOSURE, type SocketEnd } from '../hub/hub-socket.ts'
import type { Attempt } from '../hub/kept-connection.ts'

/** An answer of the hub. */
export type Answer =
  | SubscribedMessage
  | DeniedMessage
  | UnavailableMessage
  | RefreshedMessage
  | MemberPageMessage

/** A request without its id, which the line gives it. */
export type Question =
  | Omit<SubscribeMessage, 'id'>
  | Omit<RefreshMessage, 'id'>
  | Omit<MembersMessage, 'id'>

/** The hub's news, for which nobody asked. */
export type Told = Exclude<HubMessage, Answer>

/** Callbacks of a line. `closed` is the last call, and comes exactly once. */
export interface LineHandlers {
  /** The hub has greeted: requests can be made. */
  stands(): void
  told(message: Told): void
  frame(frame: DataFrame): void
  closed(end: SocketEnd): void
}

/** A connection for guarded channels. */
export class HubLine implements Attempt {
  readonly #handlers: LineHandlers
  readonly #socket: HubSocket
  readonly #ending = new AbortController()
  readonly #answerById = new Map<number, (answer: Answer) => void>()
  /** The requests for channels that wait for the answer to another one for the same channel. spec G1 */
  readonly #waitingByName = new Map<ChannelName, (() => void)[]>()
  #nonce: string | undefined
  #ids = 0

  constructor(options: { readonly url: string; readonly clock: Clock }, handlers: LineHandlers) {
    this.#handlers = handlers
    this.#socket = new HubSocket(options, {
      challenge: (nonce) => this.#challenge(nonce),
      control: (message) => this.#control(message),
      frame: (frame) => handlers.frame(frame),
      // A hub that cannot be read is one that says nothing. spec G92
      malformed: () => {},
      closed: (end) => {
        this.#ending.abort()
        this.#answerById.clear()
        this.#waitingByName.clear()
        handlers.closed(end)
      },
    })
  }

  /** This connection's challenge, base64url: tokens are bound to it. */
  get nonce(): string {
    return this.#nonce ?? ''
  }

  /** Aborts when the connection ends. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** The bytes that wait for the network. */
  get waitingBytes(): number {
    return this.#socket.waitingBytes
  }

  /** Makes a request. Calls `answered` at once when the answer comes, and never when the connection ends before. */
  ask(question: Question, answered: (answer: Answer) => void): void {
    if (question.type !== 'subscribe') return this.#ask(question, answered)
    const { channel } = question
    const waiting = this.#waitingByName.get(channel)
    const ask = (): void =>
      this.#ask(question, (answer) => {
        answered(answer)
        const next = this.#waitingByName.get(channel)?.shift()
        if (next === undefined) this.#waitingByName.delete(channel)
        else next()
      })
    if (waiting !== undefined) return void waiting.push(ask)
    this.#waitingByName.set(channel, [])
    ask()
  }

  #ask(question: Question, answered: (answer: Answer) => void): void {
    const id = this.#ids
    this.#ids = (this.#ids + 1) % 2 ** 32
    this.#answerById.set(id, answered)
    this.#socket.say({ ...question, id })
  }

  /** Leaves a channel. */
  unsubscribe(channel: number): void {
    this.#socket.say({ type: 'unsubscribe', channel })
  }

  /** Hands a frame to the network. */
  send(frame: PublishFrame | SignalFrame): void {
    this.#socket.send(frame)
  }

  probe(): void {
    this.#socket.probe()
  }

  leave(): void {
    this.#socket.end(NORMAL_CLOSURE)
  }

  #challenge(nonce: string): void {
    if (this.#nonce !== undefined) return
    this.#nonce = nonce
    this.#socket.stand(Infinity)
    this.#handlers.stands()
  }

  #control(message: HubMessage): void {
    switch (message.type) {
      case 'subscribed':
        this.#socket.stand(message.limits.pingIntervalMs)
        return this.#answer(message)
      case 'denied':
      case 'unavailable':
      case 'refreshed':
      case 'memberPage':
        return this.#answer(message)
      default:
        this.#handlers.told(message)
    }
  }

  #answer(message: Answer): void {
    const answered = this.#answerById.get(message.id)
    this.#answerById.delete(message.id)
    answered?.(message)
  }
}
