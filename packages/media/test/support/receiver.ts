/** Frames of one session, with the delivery of keys between them and a key source; the worker's part is a table. */
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { KeyDelivery } from '../../src/page/key-delivery.ts'
import { composeKid } from '../../src/shared/kid.ts'
import { isWithin } from '../../src/shared/epoch-range.ts'
import { createFrameCipher } from '../../src/sframe/cipher.ts'
import type { FrameCipher } from '../../src/sframe/cipher.ts'
import { SUITES } from '../../src/sframe/suite.ts'
import type { WorkerLink } from '../../src/page/worker-link.ts'
import type { WorkerCommand, WorkerRequest } from '../../src/shared/protocol.ts'

/** A frame, with the KID that its header would carry. */
export interface SealedFrame {
  readonly kid: bigint
  readonly ctr: bigint
  readonly data: Uint8Array<ArrayBuffer>
}

export class Receiver {
  readonly #keys: KeySource
  readonly #delivery: KeyDelivery
  readonly #receiverKeys = new Map<string, WorkerCommand & { readonly type: 'receiver-key' }>()
  #sender: FrameCipher | undefined
  #senderKid: bigint | undefined
  #ctr = 0n

  constructor(options: {
    readonly keys: KeySource
    readonly room: RoomId
    readonly self: ParticipantId
  }) {
    const { keys } = options
    this.#keys = keys
    const link = {
      failure: undefined,
      request: (request: WorkerRequest) => this.#answer(request),
      command: (command: WorkerCommand) => this.#obey(command),
    } as unknown as WorkerLink
    this.#delivery = new KeyDelivery({ ...options, suite: 4, link, onNoKey: () => {} })
    keys.on('epochRetired', ({ epoch, sender }) =>
      this.#delivery.retire({ first: epoch, last: epoch }, sender),
    )
  }

  async seal(plain: Uint8Array<ArrayBuffer>): Promise<SealedFrame> {
    const kid = await this.#delivery.senderKid()
    if (this.#sender === undefined) throw new Error('no sender key')
    const ctr = this.#ctr++
    const data = new Uint8Array(await this.#sender.encrypt({ ctr, aad }, plain))
    return { kid, ctr, data }
  }

  /** `opened`, `not-authentic`, or `missing` without a key. */
  async open(participant: ParticipantId, { kid, ctr, data }: SealedFrame): Promise<string> {
    const id = `${participant} ${kid}`
    if (!this.#receiverKeys.has(id)) await this.#delivery.answer(participant, kid)
    const key = this.#receiverKeys.get(id)
    if (key === undefined) return 'missing'
    const cipher = await createFrameCipher(key.baseKey, { suite: SUITES[4], kid, use: 'open' })
    if (!(await cipher.decrypt({ ctr, aad }, data))) return 'not-authentic'
    this.#keys.confirm(key.epoch, participant)
    return 'opened'
  }

  async #answer(request: WorkerRequest): Promise<unknown> {
    if (request.type === 'make-kid') {
      return { kid: composeKid(crypto.getRandomValues(new Uint8Array(6)), request.epoch) }
    }
    if (request.type !== 'set-sender-key') throw new Error(`unexpected ${request.type}`)
    const { kid, baseKey } = request
    this.#senderKid = kid
    this.#sender = await createFrameCipher(baseKey, { suite: SUITES[4], kid, use: 'seal' })
    return undefined
  }

  #obey(command: WorkerCommand): void {
    if (command.type === 'receiver-key') {
      this.#receiverKeys.set(`${command.participant} ${command.kid}`, command)
    }
    if (command.type === 'drop-sender-key' && command.kid === this.#senderKid) {
      this.#sender = undefined
    }
    if (command.type !== 'retire') return
    for (const [id, { participant, epoch }] of this.#receiverKeys) {
      const isConcerned = (command.participant ?? participant) === participant
      if (isConcerned && isWithin(command.epochs, epoch)) this.#receiverKeys.delete(id)
    }
  }
}

const aad = new Uint8Array()
