/**
 * SFrame in the worker: the sender's key, the keys of others, and the pipes that use them. spec M1 to M15, M88 to M97
 *
 * @module
 */
import type { SealingChoices } from '../codec/profile.ts'
import type {
  KeyCommand,
  KeyRequest,
  PipeOptions,
  SigningChoices,
  WorkerReplies,
} from '../shared/protocol.ts'
import { encodeTrackLabel } from '../shared/track-name.ts'
import { SUITES } from '../sframe/suite.ts'
import type { MediaSuiteId, Suite } from '../sframe/suite.ts'
import { SCRATCH_BYTES } from './additional-data.ts'
import type { FormatHost, FrameFormat } from './frame-format.ts'
import { openFrame } from './frame-opener.ts'
import type { ReceivingTrack } from './frame-opener.ts'
import type { FrameResult } from './pipe-host.ts'
import { sealFrame } from './frame-sealer.ts'
import type { EncodedFrame, FrameSigning } from './frame-sealer.ts'
import { ParticipantKeyTable } from './participant-key-table.ts'
import type { ReceiverKey } from './receiver-keys.ts'
import { SenderKeySlot } from './sender-key-slot.ts'
import type { SenderKey } from './sender-key.ts'
import { FrameSignatures } from './signing/frame-signatures.ts'

/** The format of this project's own frames. */
export class SFrameFormat implements FrameFormat {
  readonly #host: FormatHost
  readonly #senderKey: SenderKeySlot
  readonly #receiverKeys: ParticipantKeyTable
  readonly #signatures: FrameSignatures
  #suite: Suite = SUITES[4]
  #choices: SealingChoices = {}

  constructor(host: FormatHost) {
    this.#host = host
    this.#senderKey = new SenderKeySlot(() => host.now())
    this.#receiverKeys = new ParticipantKeyTable(host)
    this.#signatures = new FrameSignatures(() => host.now())
  }

  useSuite(
    suite: MediaSuiteId,
    choices: SealingChoices,
    signing: SigningChoices | undefined,
  ): void {
    this.#suite = SUITES[suite]
    this.#choices = choices
    if (signing) this.#signatures.use(signing)
  }

  startPipe(options: PipeOptions): (frame: EncodedFrame) => Promise<FrameResult> {
    const { side, participant, label } = options
    const encodedLabel = encodeTrackLabel(label)
    const scratch = new Uint8Array(SCRATCH_BYTES)
    if (side === 'seal') {
      let key: SenderKey | undefined
      let signing: FrameSigning | undefined
      return (frame) => {
        key = this.#senderKey.keyFor(key, { isDelta: frame.isDelta === true })
        const choices = this.#choices
        // A transform may be there before the choices of the page.
        signing ??= this.#signatures.startWriting(options)
        return sealFrame(frame, { key, label: encodedLabel, choices, scratch, signing })
      }
    }
    const findKey = (kid: bigint): ReceiverKey | undefined =>
      this.#receiverKeys.find({ participant, kid })
    const batches = this.#signatures.startReading(options)
    const track = { label, encodedLabel, scratch, findKey, batches }
    return (frame) => this.#open(frame, { options, track })
  }

  async answer(request: KeyRequest): Promise<WorkerReplies[KeyRequest['type']]> {
    switch (request.type) {
      case 'make-kid':
        return { kid: this.#senderKey.drawKid(request.epoch) }
      case 'set-sender-key':
        await this.#senderKey.install(request.kid, { ...request, suite: this.#suite })
        return undefined
      case 'make-media-key':
        return { publicKey: await this.#signatures.makeKey() }
      case 'certify-media-key':
        this.#signatures.certify(request.certificate)
        return undefined
      default:
        throw new Error(`unreachable: ${request.type} is a request about keys of another format`)
    }
  }

  execute(command: KeyCommand): void {
    switch (command.type) {
      case 'receiver-key':
        return void this.#receiverKeys
          .install(command, this.#suite)
          .then(() => this.#host.retryPipes())
      case 'receiver-key-missing':
        this.#receiverKeys.reject(command)
        return this.#host.retryPipes()
      case 'prepare':
        return void this.#receiverKeys.request(command)
      case 'drop-sender-key':
        return this.#senderKey.drop(command.kid)
      case 'epoch-changed':
        return this.#receiverKeys.forgetRejected()
      case 'retire':
        return this.#receiverKeys.retire(command.epochs, command.participant)
    }
  }

  async #open(
    frame: EncodedFrame,
    from: { readonly options: PipeOptions; readonly track: ReceivingTrack },
  ): Promise<FrameResult> {
    const { participant, label, kind } = from.options
    if (this.#signatures.isStopped(from.options)) return NOT_SIGNED
    const opened = await openFrame(frame, from.track)
    if (opened.type === 'dropped' && opened.reason === 'not-signed') {
      if (this.#signatures.stop(from.options))
        this.#host.send({ type: 'forged', participant, label, kind })
    }
    if (opened.type === 'opened') this.#receiverKeys.confirm(participant, opened.key)
    if (opened.type !== 'key-needed') return opened
    const verdict = this.#receiverKeys.request({ participant, kid: opened.kid })
    return verdict === 'refused' ? { type: 'dropped', reason: 'missing-key' } : { type: 'wait' }
  }
}

const NOT_SIGNED: FrameResult = { type: 'dropped', reason: 'not-signed' }
