/**
 * The place of a room, and the costs of what happens there.
 *
 * @module
 */
import type { RoomOptions } from '@conclave/client'
import { decodeEnvelopeHeader } from '@conclave/e2ee'
import { INTRODUCTION_FORMAT } from '@conclave/e2ee/session'

/** A hub whose messages are counted. */
export interface Place {
  /** The address of the app, for links. */
  readonly base: string
  /** The way to its hub. */
  readonly options: RoomOptions
  /** Milliseconds. */
  now(): number
  /** Returns the function that answers the costs from now on until it is called. */
  measure(): Promise<() => Promise<Cost>>
  /** Waits until nothing was published for so long. */
  quiet(ms: number): Promise<void>
  stop(): void
}

/** The costs of one step. */
export interface Cost {
  /** Messages to the hub. */
  readonly messages: number
  /** The bytes of their payloads. */
  readonly bytes: number
  /** Messages to the hub by kind. */
  readonly kinds: { readonly [kind: string]: number }
  /** Messages from the hub, once for each recipient. */
  readonly delivered: number
  /** Of all members together. */
  readonly memberCpuMs: number
  readonly hubCpuMs: number
}

type Totals = Pick<Cost, 'delivered' | 'memberCpuMs' | 'hubCpuMs'>

/** The difference of two looks. */
export function costBetween(before: Totals, after: Totals): Totals {
  return {
    delivered: after.delivered - before.delivered,
    memberCpuMs: after.memberCpuMs - before.memberCpuMs,
    hubCpuMs: after.hubCpuMs - before.hubCpuMs,
  }
}

/** The kind of a sealed message, as chapter *room*, section 3, names it. */
export function kindOf(payload: Uint8Array): string {
  if (payload[0] === INTRODUCTION_FORMAT) return 'introduction'
  return KINDS[decodeEnvelopeHeader(payload)?.kind ?? 0] ?? 'other'
}

const KINDS: readonly (string | undefined)[] = [
  ...[undefined, 'hello', undefined, 'chat', 'state', 'signal', 'key', 'code', 'code'],
]
