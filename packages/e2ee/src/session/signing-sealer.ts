import { concatBytes, copyBytes } from '@conclave/base'
import { SIGNATURE_BYTES } from '@conclave/crypto'
import { importVerifyKey, verifyBytes } from '@conclave/crypto/verify'
import type { ParticipantId } from '@conclave/wire'
import { UNKNOWN_KEY } from '../core/dropped.ts'
import { decryptUnder, encryptUnder } from '../core/keyed-cipher.ts'
import type { EnvelopeHeader } from '../messages/message-envelope.ts'
import type { Opened, Sealed } from '../messages/sealed-message.ts'
import { SessionSealer } from '../messages/sealer.ts'
import type {
  DecryptMessage,
  EncryptMessage,
  SealOptions,
  SessionSealerOptions,
} from '../messages/sealer.ts'
import { deriveParticipantId } from './participant-id.ts'
import { encodeRoomMessage } from './room-message.ts'
import type { SessionKeys } from './session-keys.ts'

/** The signing keys of other sessions, 32 bytes each, by session. */
export type SigningKeyTable = Pick<ReadonlyMap<ParticipantId, Uint8Array<ArrayBuffer>>, 'get'>

/**
 * The sealer of a session that signs its messages to the room and opens only signed ones. The signature lies inside the
 * seal, and is verified before a message takes its place. spec C22
 */
export class SigningSealer extends SessionSealer {
  readonly #room: SessionSealerOptions['room']
  readonly #session: SessionKeys
  readonly #signingKeys: SigningKeyTable
  readonly #signerByKey = new WeakMap<Uint8Array<ArrayBuffer>, Promise<Signer>>()

  constructor(
    options: Omit<SessionSealerOptions, 'self'> & {
      readonly session: SessionKeys
      readonly signingKeys: SigningKeyTable
    },
  ) {
    super({ ...options, self: options.session.id })
    this.#room = options.room
    this.#session = options.session
    this.#signingKeys = options.signingKeys
  }

  protected override encrypt: EncryptMessage = async (sealing, context, body, header) =>
    encryptUnder(sealing, context, header.audience === 'room' ? this.#sign(body, header) : body)

  protected override decrypt: DecryptMessage = async (opening, context, sealed, from) => {
    const { sender, header } = from
    if (header.audience !== 'room') return decryptUnder(opening, context, sealed)
    const signingKey = this.#signingKeys.get(sender)
    if (signingKey === undefined) return UNKNOWN_KEY
    const body = await decryptUnder(opening, context, sealed)
    if (body === undefined || 'type' in body) return body
    const { id, key } = await this.#signerOf(signingKey)
    if (id !== sender || key === undefined || body.length < SIGNATURE_BYTES) return undefined
    const signature = body.slice(0, SIGNATURE_BYTES)
    const statement = this.#statementOf(body, { sender, header })
    return (await verifyBytes(key, signature, statement)) ? body : undefined
  }

  override async seal(options: SealOptions, body: Uint8Array): Promise<Sealed> {
    if (options.to !== undefined) return super.seal(options, body)
    // With space for the signature, which needs the message's place.
    return super.seal(options, concatBytes(NO_SIGNATURE, copyBytes('body', body)))
  }

  override async open(sender: ParticipantId, bytes: Uint8Array): Promise<Opened> {
    const opened = await super.open(sender, bytes)
    if (opened.type === 'dropped' || opened.audience !== 'room') return opened
    const { body } = opened
    const signature = body.slice(0, SIGNATURE_BYTES)
    return { ...opened, body: body.slice(SIGNATURE_BYTES), signature }
  }

  async #sign(
    body: Uint8Array<ArrayBuffer>,
    header: EnvelopeHeader,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const statement = this.#statementOf(body, { sender: this.#session.id, header })
    body.set(await this.#session.sign(statement))
    return body
  }

  #statementOf(
    body: Uint8Array,
    { sender, header }: { readonly sender: ParticipantId; readonly header: EnvelopeHeader },
  ): Uint8Array<ArrayBuffer> {
    const { kind, sequence } = header
    const place = { room: this.#room, sender, kind, sequence: BigInt(sequence) }
    return encodeRoomMessage(body.subarray(SIGNATURE_BYTES), place)
  }

  #signerOf(signingKey: Uint8Array<ArrayBuffer>): Promise<Signer> {
    const known = this.#signerByKey.get(signingKey)
    if (known !== undefined) return known
    const signer = importSigner(new Uint8Array(signingKey))
    this.#signerByKey.set(signingKey, signer)
    return signer
  }
}

/** The session that a signing key belongs to, and the key ready to verify; `undefined` when nothing verifies under it. */
interface Signer {
  readonly id: ParticipantId | undefined
  readonly key: CryptoKey | undefined
}

async function importSigner(signingKey: Uint8Array<ArrayBuffer>): Promise<Signer> {
  const [id, key] = await Promise.all([
    deriveParticipantId(signingKey),
    importVerifyKey(signingKey),
  ])
  return { id, key }
}

const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES)
