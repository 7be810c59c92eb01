import { decodeBase64Url } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { CLOSE_CODES } from '@conclave/wire'
import type { CloseCode, JoinMessage, RoomId } from '@conclave/wire'
import { AccessGate } from '../access/access-gate.ts'
import type { RequestFacts } from '../access/authorizer.ts'
import type { AuthorizerChain, Verdict } from '../access/chain.ts'
import type { Grant } from '../access/grant.ts'
import { endsGrant } from '../access/revocations.ts'
import type { Revocation, Revocations } from '../access/revocations.ts'
import { verifyJoin } from './join-proof.ts'

/** The parts of a {@link RoomAccess}. */
export interface RoomAccessOptions {
  readonly hosts: ReadonlySet<string>
  readonly clock: Clock
  /** The nonce of the connection, base64url, and the facts about its request. */
  readonly nonce: string
  readonly facts: RequestFacts
  /** Those who decide at a closed hub; `undefined` at an open one. */
  readonly closed:
    | { readonly chain: AuthorizerChain; readonly revocations: Revocations }
    | undefined
  /** The connection waits for an answer, until the returned function is called. */
  readonly onWaiting: () => () => void
  /** A revocation ended the grant of a room. */
  readonly onRevoked: () => void
}

/** Decides about the rooms that one connection joins: by the proofs of the link, and at a closed hub by its authorizers too. spec H8 G51 */
export class RoomAccess {
  readonly #options: RoomAccessOptions
  readonly #gate: AccessGate | undefined
  /** Of a closed hub. */
  readonly #grants: Map<RoomId, Grant> | undefined
  readonly #unwatch: (() => void) | undefined
  #isStopped = false

  constructor(options: RoomAccessOptions) {
    const { closed, clock } = options
    this.#options = options
    if (closed === undefined) return
    this.#grants = new Map()
    this.#gate = new AccessGate({ chain: closed.chain, clock })
    this.#unwatch = closed.revocations.watch((revocation) => this.#revoked(revocation))
  }

  /** The code with which a join ends its connection; `undefined` when it is granted. Never rejects. */
  async refusalOf(join: JoinMessage): Promise<CloseCode | undefined> {
    const { hosts, nonce } = this.#options
    const bytes = decodeBase64Url(nonce) ?? new Uint8Array()
    const [isProved, verdict] = await Promise.all([
      verifyJoin(join, { nonce: bytes, hosts }),
      this.#decide(join),
    ])
    if (!isProved || verdict === 'denied') return CLOSE_CODES.unauthorized
    return verdict === 'unavailable' ? CLOSE_CODES.draining : undefined
  }

  /** The connection left a room. */
  left(room: RoomId): void {
    this.#grants?.delete(room)
  }

  /** Ends with the connection. */
  stop(): void {
    this.#isStopped = true
    this.#unwatch?.()
    this.#gate?.stop()
    this.#grants?.clear()
  }

  async #decide({ room, token }: JoinMessage): Promise<Verdict['type']> {
    const { closed, nonce, facts, onWaiting } = this.#options
    if (this.#gate === undefined) return 'granted'
    const stopWaiting = onWaiting()
    const verdict = await this.#gate.decide({
      ...{ channel: room, kind: 'room', wants: ['subscribe'], token, nonce, facts },
      host: facts.header('host'),
    })
    stopWaiting()
    if (verdict.type !== 'granted') return verdict.type
    const isRevoked = closed?.revocations.isRevoked(verdict.grant, room) !== undefined
    if (isRevoked || this.#isStopped) return 'denied'
    this.#grants?.set(room, verdict.grant)
    return 'granted'
  }

  #revoked(revocation: Revocation): void {
    const isEnded = [...(this.#grants ?? [])].some(([channel, grant]) =>
      endsGrant(revocation, { grant, channel }),
    )
    if (isEnded) this.#options.onRevoked()
  }
}
