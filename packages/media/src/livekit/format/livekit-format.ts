/**
 * LiveKit's format in the worker: the key rings, and the pipes that use them. spec M75 to M84
 *
 * @module
 */
import type { KeyCommand, KeyRequest, PipeOptions, WorkerReplies } from '../../shared/protocol.ts'
import type { FormatHost, FrameFormat } from '../../worker/frame-format.ts'
import type { FrameResult } from '../../worker/pipe-host.ts'
import type { EncodedFrame } from '../../worker/frame-sealer.ts'
import { KeyRings } from './key-rings.ts'
import { openLiveKitFrame } from './open-frame.ts'
import { sealLiveKitFrame } from './seal-frame.ts'

/** Frames as LiveKit's clients send and read them. Its keys come from the page; frames never ask for one. */
export class LiveKitFormat implements FrameFormat {
  readonly #host: FormatHost
  readonly #rings = new KeyRings()

  constructor(host: FormatHost) {
    this.#host = host
  }

  startPipe({ side, participant }: PipeOptions): (frame: EncodedFrame) => Promise<FrameResult> {
    if (side === 'seal') return (frame) => sealLiveKitFrame(frame, this.#rings.sealing)
    const sender = {
      findKey: (index: number) => this.#rings.find(participant, index),
      now: () => this.#host.now(),
    }
    return (frame) => openLiveKitFrame(frame, sender)
  }

  async answer(request: KeyRequest): Promise<WorkerReplies[KeyRequest['type']]> {
    switch (request.type) {
      case 'ring-key':
        this.#rings.set(request.slot, request.key)
        return undefined
      case 'use-ring-key':
        this.#rings.use(request.slot)
        return undefined
      default:
        throw new Error(`unreachable: ${request.type} is a request about keys of SFrame`)
    }
  }

  execute(command: KeyCommand): void {
    throw new Error(`unreachable: ${command.type} is a command about keys of SFrame`)
  }
}
