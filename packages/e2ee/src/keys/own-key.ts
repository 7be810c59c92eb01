import { E2eeError } from '../errors.ts'
import { closedError, unknownEpochError } from './export-info.ts'
import { deriveNextChain, joinEpoch, MAX_STEP, splitEpoch, withChain } from './key-chain.ts'

/** The chain secret of an epoch, 32 bytes. spec K28 */
export interface ChainKey {
  readonly epoch: bigint
  readonly secret: Uint8Array<ArrayBuffer>
}

/** The key that a participant seals under itself. `closed` is final. */
export type OwnKey = { readonly state: 'none' } | HeldKey | { readonly state: 'closed' }

/** An own key that seals; `prepared` with the key of a rotation that is not complete. */
export type HeldKey =
  | { readonly state: 'current'; readonly current: ChainKey }
  | { readonly state: 'prepared'; readonly current: ChainKey; readonly prepared: ChainKey }

/** The next state, and the secrets that ended with the step: the caller must overwrite them. */
export interface OwnKeyStep<Next extends OwnKey = OwnKey> {
  readonly own: Next
  readonly consumed: readonly Uint8Array[]
}

/**
 * The own key as one that seals.
 *
 * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` without a key, `ERR_E2EE_CLOSED`
 */
export function requireHeld(own: OwnKey): HeldKey {
  if (own.state === 'closed') throw closedError()
  if (own.state === 'none') throw unknownEpochError(0n)
  return own
}

/**
 * The key one ratchet step after the current one. Copies the current secret before it returns. spec K28
 *
 * @throws E2eeError `ERR_E2EE_EXHAUSTED`
 */
export async function deriveRatcheted({ current }: HeldKey): Promise<ChainKey> {
  const epoch = nextEpoch(current.epoch, 0n)
  const secret = await withChain(new Uint8Array(current.secret), (chain) =>
    deriveNextChain(chain, current.epoch),
  )
  return { epoch, secret }
}

/**
 * Seals under `secret` in a new generation, after the one that was prepared, which is given up. spec K32
 *
 * @throws E2eeError `ERR_E2EE_EXHAUSTED`
 */
export function rotate(own: HeldKey, secret: Uint8Array<ArrayBuffer>): OwnKeyStep<HeldKey> {
  const { epoch } = own.state === 'prepared' ? own.prepared : own.current
  return switchTo(own, { epoch: nextEpoch(epoch, 1n), secret })
}

/**
 * Holds `secret` ready for {@link complete}; a key that is prepared already stays, and `secret` is consumed, unless it
 * is to be another one. spec K32
 *
 * @throws E2eeError `ERR_E2EE_EXHAUSTED`
 */
export function prepare(
  own: HeldKey,
  { secret, afresh }: { readonly secret: Uint8Array<ArrayBuffer>; readonly afresh: boolean },
): OwnKeyStep<Extract<OwnKey, { readonly state: 'prepared' }>> {
  if (own.state === 'prepared' && !afresh) return { own, consumed: [secret] }
  const { current } = own
  const before = own.state === 'prepared' ? [own.prepared] : []
  const [{ epoch } = current] = before
  const prepared = { epoch: nextEpoch(epoch, 1n), secret }
  const consumed = before.map((given) => given.secret)
  return { own: { state: 'prepared', current, prepared }, consumed }
}

/** Seals under the key that was prepared. spec K32 */
export function complete(
  own: Extract<OwnKey, { readonly state: 'prepared' }>,
): OwnKeyStep<HeldKey> {
  const { current, prepared } = own
  return { own: { state: 'current', current: prepared }, consumed: [current.secret] }
}

/** Seals under `next`, whatever was held; takes its secret over. */
export function switchTo(own: OwnKey, next: ChainKey): OwnKeyStep<HeldKey> {
  return { own: { state: 'current', current: next }, consumed: secretsOf(own) }
}

/** Ends sealing, for good. spec K13 */
export function close(own: OwnKey): OwnKeyStep {
  return { own: { state: 'closed' }, consumed: secretsOf(own) }
}

function secretsOf(own: OwnKey): readonly Uint8Array[] {
  if (own.state === 'prepared') return [own.current.secret, own.prepared.secret]
  return own.state === 'current' ? [own.current.secret] : []
}

/** The step always moves on, so that its last byte tells epochs apart. spec K27 */
function nextEpoch(epoch: bigint, generations: bigint): bigint {
  const { generation, step } = splitEpoch(epoch)
  const next = { generation: generation + generations, step: step + 1n }
  if (next.generation <= MAX_STEP && next.step <= MAX_STEP) return joinEpoch(next)
  throw new E2eeError(
    'ERR_E2EE_EXHAUSTED',
    { limit: 'stream' },
    { message: 'no epoch is left in this session' },
  )
}
