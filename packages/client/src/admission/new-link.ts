/**
 * A new link in place of one that too many have: the owner names a new room to the members, sealed to each. spec R77
 *
 * @module
 */
import { type Shape, decodeBase64Url, encodeBase64Url, equalBytes, hasShape } from '@conclave/base'
import {
  type LinkSecret,
  deriveLinkKeys,
  encodeLinkSecret,
  generateLinkSecret,
} from '@conclave/e2ee'
import {
  type OwnerKeys,
  deriveOwnerFingerprint,
  signMove,
  verifyMove,
} from '@conclave/e2ee/authority'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { decodeJson, encodeBody } from '../messages/bodies.ts'

/** The needs of {@link NewLinks}. */
export interface NewLinksOptions {
  readonly room: RoomId
  /** The fingerprint of the room's owner. */
  readonly owner: Uint8Array
  /** The key of the person of a session in the roster. */
  readonly personOf: (participant: ParticipantId) => Uint8Array | undefined
  /** The owner named a new room: its link is this path below the address of the app. */
  readonly moved: (path: string) => void
}

/** Makes new links, and follows the first one that the owner names. */
export class NewLinks {
  readonly #options: NewLinksOptions
  #isMoved = false

  constructor(options: NewLinksOptions) {
    this.#options = options
  }

  /** Makes a new room of a new owner: its path, and the message for the members of this one. */
  async create(
    owner: OwnerKeys,
    { by }: { readonly by: OwnerKeys },
  ): Promise<{ readonly path: string; readonly body: Uint8Array<ArrayBuffer> }> {
    const ownerFingerprint = await deriveOwnerFingerprint(owner.publicKey)
    const secret = generateLinkSecret({ ownerFingerprint })
    const statement = await signMove(secret, { owner: by, room: this.#options.room })
    const body = encodeBody({ statement: encodeBase64Url(statement) })
    return { path: await pathOf(secret), body }
  }

  /** Takes a message of a member; `false` unless the owner's session sent it. */
  receive(from: ParticipantId, bytes: Uint8Array): boolean {
    const value = decodeJson(bytes)
    if (!hasShape(value, SHAPE)) return false
    // The platform failed: the message is as it should be.
    void this.#follow(from, decodeBase64Url(value.statement)).catch(() => {})
    return true
  }

  async #follow(from: ParticipantId, statement: Uint8Array | undefined): Promise<void> {
    const { room, owner, personOf, moved } = this.#options
    const person = personOf(from)
    if (person === undefined || this.#isMoved) return
    if (!equalBytes(await deriveOwnerFingerprint(person), owner)) return
    const move = await verifyMove(statement, { room, owner })
    if (move.type !== 'move' || this.#isMoved) return
    this.#isMoved = true
    moved(await pathOf(move.secret))
  }
}

const pathOf = async (secret: LinkSecret): Promise<string> => {
  const { room, keys } = await deriveLinkKeys(secret)
  keys.close()
  return `r/${room}#${encodeLinkSecret(secret)}`
}

const SHAPE: Shape<{ readonly statement: string }> = {
  statement: (value) => typeof value === 'string' && value.length <= MAX_STATEMENT_CHARACTERS,
}
const MAX_STATEMENT_CHARACTERS = 256
