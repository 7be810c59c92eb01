/**
 * The interface between a worker and the format of its frames.
 *
 * @module
 */
import type { SealingChoices } from '../codec/profile.ts'
import type {
  FromWorker,
  KeyCommand,
  KeyRequest,
  PipeOptions,
  SigningChoices,
  WorkerReplies,
} from '../shared/protocol.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'
import type { FrameResult } from './pipe-host.ts'
import type { EncodedFrame } from './frame-sealer.ts'

/** How a worker seals and opens frames, with the keys for it. One worker has one. */
export interface FrameFormat {
  /** The page's choices for SFrame; other formats have none. */
  useSuite?(suite: MediaSuiteId, choices: SealingChoices, signing: SigningChoices | undefined): void
  /** Starts a pipe: the result seals or opens its frames, one after the other. */
  startPipe(options: PipeOptions): (frame: EncodedFrame) => Promise<FrameResult>
  /** Answers a request about keys; rejects if it cannot. */
  answer(request: KeyRequest): Promise<WorkerReplies[KeyRequest['type']]>
  /** Executes a command about keys. */
  execute(command: KeyCommand): void
}

/** The worker as its format sees it. */
export interface FormatHost {
  /** Milliseconds on a clock that does not go back. */
  now(): number
  send(message: FromWorker): void
  /** Tries waiting frames again: keys came, or turned out missing. */
  retryPipes(): void
}
