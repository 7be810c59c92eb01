/**
 * Hellos as questions and answers: a question is repeated until it is answered and until nothing is missing, and
 * answers are bounded. Sessions that have no pair keys yet ask by introductions. spec R10, R13, R27, R28, R43
 *
 * @module
 */
import { type Clock, RateLimiter, backoffMs } from '@conclave/base'
import type { MessageId, ParticipantId } from '@conclave/wire'
import type { ParticipantInfo } from './bodies.ts'
import type { Answer, Introduced } from './introductions.ts'
import type { OutgoingStreams } from './outgoing-streams.ts'
import type { PeerStreams } from './peer-streams.ts'

/** The needs of a {@link HelloExchange}. */
export interface HelloExchangeOptions {
  readonly clock: Clock
  readonly outgoing: OutgoingStreams
  readonly isPending: (id: MessageId) => boolean
  readonly info: () => ParticipantInfo
  /** A hello or a repetition could not be sealed or handed on. */
  failed(error: unknown): void
}

/** Asks and answers all other sessions, while the transport stands. */
export class HelloExchange {
  readonly #options: HelloExchangeOptions
  readonly #dialogById = new Map<ParticipantId, Dialog>()
  readonly #repeatedQuestions = new RateLimiter(REPEATED_QUESTIONS)
  readonly #denials = new RateLimiter(DENIALS)
  #isUp = false

  constructor(options: HelloExchangeOptions) {
    this.#options = options
  }

  /** The transport stands. */
  up(): void {
    this.#isUp = true
  }

  /** The transport is lost: nothing is asked or answered until it stands again. */
  down(): void {
    this.#isUp = false
    for (const dialog of this.#dialogById.values()) this.#stop(dialog)
  }

  /** Forgets everything and asks nothing from now on. */
  close(): void {
    this.down()
    this.#dialogById.clear()
  }

  /** Forgets a session. */
  forget(peer: PeerStreams): void {
    const dialog = this.#dialogById.get(peer.id)
    if (dialog !== undefined) this.#stop(dialog)
    this.#dialogById.delete(peer.id)
  }

  /** Asks a session that is met, or met again. spec R13 */
  greet(peer: PeerStreams): void {
    if (this.#isUp) this.#ask(peer, this.#dialogOf(peer))
  }

  /** Asks a session whose words may have got lost, if the rate of repeated questions allows it. spec R101 */
  recall(peer: PeerStreams): void {
    if (this.#repeatedQuestions.take(this.#options.clock.now())) this.greet(peer)
  }

  /** The hub says that a known session joined again: it is asked unless it says hello itself soon. spec R13 */
  joinedAgain(peer: PeerStreams): void {
    this.#dialogOf(peer).unmetSinceMs ??= this.#options.clock.now()
    this.pursue(peer)
  }

  /** An introduction of a session opened; its hello is still to come if the pair is new. spec R43 */
  introduced(peer: PeerStreams, { isNew, question }: Introduced): void {
    const dialog = this.#dialogOf(peer)
    if (isNew) {
      dialog.awaited = undefined
      dialog.questions = 0
      dialog.unmetSinceMs ??= this.#options.clock.now()
    }
    if (question !== undefined) {
      dialog.question = question
      this.#answer(peer, dialog)
    }
    this.pursue(peer)
  }

  /** A session that asks is not let in: it is told so, and no keys are made. Of many that ask, some are told later. spec R70 */
  denied(
    peer: PeerStreams,
    answer: { readonly question: Uint8Array; readonly status: Answer },
  ): void {
    const { clock, outgoing } = this.#options
    const dialog = this.#dialogOf(peer)
    const nowMs = clock.now()
    if (dialog.answers.waitMs(nowMs) > 0 || !this.#denials.take(nowMs)) return
    dialog.answers.force(nowMs)
    this.#heedFailure(outgoing.sendIntroduction(peer, answer).sent)
  }

  /** A session answered that this one is not let in: it is asked again after a while. spec R71 */
  told(peer: PeerStreams): void {
    const dialog = this.#dialogOf(peer)
    const nowMs = this.#options.clock.now()
    dialog.awaited = undefined
    dialog.questions = 0
    dialog.pausedUntilMs = nowMs + DENIED_PAUSE_MS
    dialog.unmetSinceMs = nowMs
    this.#stop(dialog)
    this.pursue(peer)
  }

  /** A session's newest hello came; its content is in `peer`. */
  heard(peer: PeerStreams, { reply }: { readonly reply: boolean }): void {
    const dialog = this.#dialogOf(peer)
    const { hello } = peer.expects
    dialog.unmetSinceMs = undefined
    if (hello !== null && dialog.awaited !== undefined && hello >= dialog.awaited) {
      dialog.awaited = undefined
      dialog.questions = 0
    }
    if (reply) this.#answer(peer, dialog)
    this.pursue(peer)
  }

  /** Something was said to this session: it is asked whether it has all when nothing more is said for a while. */
  spoke(peer: PeerStreams): void {
    const { clock, outgoing } = this.#options
    this.#dialogOf(peer).spoke = { atMs: clock.now(), roomNext: outgoing.roomNext }
    this.pursue(peer)
  }

  /** Sets the timer for the next question, if one is needed. */
  pursue(peer: PeerStreams): void {
    const dialog = this.#dialogOf(peer)
    const nowMs = this.#options.clock.now()
    const dueMs = this.#dueMs(peer, dialog)
    if (dueMs === undefined) {
      dialog.questions = 0
      dialog.turnAtMs = undefined
      return
    }
    const atMs = Math.max(dueMs, dueMs > nowMs ? 0 : this.#turnAtMs(dialog))
    if (atMs > nowMs) return this.#setTimer(peer, { dialog, atMs })
    dialog.pausedUntilMs = nowMs + LONGEST_PAUSE_MS
    this.#ask(peer, dialog, dialog.awaited)
  }

  /** When the next question is due; `undefined` when there is nothing to ask. */
  #dueMs(peer: PeerStreams, dialog: Dialog): number | undefined {
    if (!this.#isUp || peer.presence.state !== 'present') return undefined
    const { askedAtMs, pausedUntilMs, questions, awaited, spoke, unmetSinceMs } = dialog
    const earliestMs =
      questions === 0 ? pausedUntilMs : askedAtMs + backoffMs(questions - 1, QUESTION_PAUSE)
    if (awaited !== undefined || peer.hasGap || peer.owesLoss) return earliestMs
    if (unmetSinceMs !== undefined) {
      return Math.max(earliestMs, unmetSinceMs + QUESTION_PAUSE.firstMs)
    }
    if (spoke === undefined || !peer.isHere || !hasTail(peer, spoke)) return undefined
    return Math.max(earliestMs, spoke.atMs + QUIET_MS)
  }

  /** When a question that is due may go: it waits for the hub to take the last one, and all repeated ones take turns. */
  #turnAtMs(dialog: Dialog): number {
    const { clock, isPending } = this.#options
    const nowMs = clock.now()
    if (dialog.lastQuestion !== undefined && isPending(dialog.lastQuestion)) {
      return nowMs + QUESTION_PAUSE.firstMs
    }
    if (dialog.questions === 0) return nowMs
    if (dialog.turnAtMs === undefined) {
      dialog.turnAtMs = nowMs + this.#repeatedQuestions.waitMs(nowMs)
      this.#repeatedQuestions.force(nowMs)
    }
    return dialog.turnAtMs
  }

  /** @param first the position of the first question of which this one is a repetition; an answer to it answers all */
  #ask(peer: PeerStreams, dialog: Dialog, first = Number.POSITIVE_INFINITY): void {
    const { clock, outgoing, info } = this.#options
    dialog.turnAtMs = undefined
    dialog.askedAtMs = clock.now()
    dialog.unmetSinceMs = undefined
    dialog.questions += 1
    dialog.awaited = first
    const sealing = (sequence: number): void => {
      dialog.awaited = Math.min(sequence, dialog.awaited ?? sequence)
    }
    const canGreet = outgoing.canGreet(peer)
    // The two may have made their keys under two roots, when the room's changed: both make them again. spec R43
    const isStuck = !peer.confirmed && dialog.questions > QUESTIONS_BEFORE_REPEATING
    const questions = [
      ...(canGreet && !isStuck ? [] : [outgoing.sendIntroduction(peer)]),
      ...(canGreet ? [outgoing.sendHello(peer, { reply: () => true, info, sealing })] : []),
    ]
    for (const { id, sent } of questions) {
      dialog.lastQuestion = id
      this.#heedFailure(sent)
    }
    // An answer would name what is missing, but answers get lost too: it goes along unasked. spec R27
    if (dialog.questions > QUESTIONS_BEFORE_REPEATING && peer.isHere) {
      this.#heedFailure(outgoing.repeat(peer))
    }
    this.#setTimer(peer, { dialog, atMs: clock.now() + QUESTION_PAUSE.firstMs })
  }

  /** Answers at once if the rate allows it, and else when it does; later questions are answered with it. */
  #answer(peer: PeerStreams, dialog: Dialog): void {
    const { clock, outgoing, info } = this.#options
    if (dialog.answerTimer !== undefined) return
    const waitMs = dialog.answers.waitMs(clock.now())
    if (waitMs > 0) {
      dialog.answerTimer = clock.setTimeout(() => {
        dialog.answerTimer = undefined
        if (peer.presence.state === 'present') this.#answer(peer, dialog)
      }, waitMs)
      return
    }
    dialog.answers.force(clock.now())
    const { question } = dialog
    if (question !== undefined) {
      dialog.question = undefined
      const answer = { question, status: 'admitted' } as const
      this.#heedFailure(outgoing.sendIntroduction(peer, answer).sent)
      if (!peer.confirmed) return this.#ask(peer, dialog)
    }
    // The receiver opens repetitions only from a session that is in its roster: the hello goes first.
    const { sent } = outgoing.sendHello(peer, { reply: () => peer.hasGap || !peer.confirmed, info })
    this.#heedFailure(sent)
    this.#heedFailure(outgoing.repeat(peer))
  }

  #heedFailure(done: Promise<void>): void {
    done.catch((error: unknown) => this.#options.failed(error))
  }

  #setTimer(peer: PeerStreams, { dialog, atMs }: { dialog: Dialog; atMs: number }): void {
    const { clock } = this.#options
    if (dialog.timer !== undefined && dialog.timer.atMs <= atMs) return
    if (dialog.timer !== undefined) clock.clearTimeout(dialog.timer.handle)
    const fired = (): void => {
      dialog.timer = undefined
      this.pursue(peer)
    }
    dialog.timer = { atMs, handle: clock.setTimeout(fired, Math.max(0, atMs - clock.now())) }
  }

  #stop(dialog: Dialog): void {
    const { clock } = this.#options
    if (dialog.timer !== undefined) clock.clearTimeout(dialog.timer.handle)
    if (dialog.answerTimer !== undefined) clock.clearTimeout(dialog.answerTimer)
    dialog.timer = undefined
    dialog.answerTimer = undefined
    dialog.turnAtMs = undefined
    dialog.questions = 0
  }

  #dialogOf({ id }: PeerStreams): Dialog {
    let dialog = this.#dialogById.get(id)
    if (dialog === undefined) {
      dialog = {
        questions: 0,
        askedAtMs: Number.NEGATIVE_INFINITY,
        pausedUntilMs: Number.NEGATIVE_INFINITY,
        turnAtMs: undefined,
        unmetSinceMs: undefined,
        spoke: undefined,
        awaited: undefined,
        question: undefined,
        lastQuestion: undefined,
        timer: undefined,
        answerTimer: undefined,
        answers: new RateLimiter(ANSWERS),
      }
      this.#dialogById.set(id, dialog)
    }
    return dialog
  }
}

/** Whether something was said that the session has not confirmed. */
const hasTail = (
  { expects, directLog }: PeerStreams,
  { roomNext }: { readonly roomNext: number },
): boolean => expects.room === null || expects.room < roomNext || expects.direct < directLog.next

/** The questions to one session, and the answers to its own. */
interface Dialog {
  /** How many questions were asked since nothing was to be asked. */
  questions: number
  askedAtMs: number
  /** When something new may be asked. */
  pausedUntilMs: number
  /** The turn of the next repeated question, once it has one. */
  turnAtMs: number | undefined
  /** Since when the session is back without a hello. */
  unmetSinceMs: number | undefined
  /** When something was said that is to be confirmed, and the end of the stream to the room then. */
  spoke: { readonly atMs: number; readonly roomNext: number } | undefined
  /** The position of the newest question until it is answered; infinite until it is sealed. */
  awaited: number | undefined
  /** The newest introduction of the session that asks, until it is answered. */
  question: Uint8Array | undefined
  lastQuestion: MessageId | undefined
  timer: { readonly atMs: number; readonly handle: unknown } | undefined
  answerTimer: unknown
  readonly answers: RateLimiter
}

const LONGEST_PAUSE_MS = 1000
const QUESTION_PAUSE = { firstMs: 250, maxMs: LONGEST_PAUSE_MS }
const QUIET_MS = 1000
const QUESTIONS_BEFORE_REPEATING = 2
const ANSWERS = { perSecond: 1, burst: 4 }
/** To all who are not let in together. spec R70 */
const DENIALS = { perSecond: 16, burst: 64 }
const DENIED_PAUSE_MS = 5000
const REPEATED_QUESTIONS = { perSecond: 16, burst: 64 }
