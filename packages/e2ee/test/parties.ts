/** Parties, each with its own keys. */
import { createSealer, ParticipantKeySource, randomParticipantId } from '@conclave/e2ee'
import type { GrantOutcome, Sealer } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { outcome, ROOM, utf8 } from './fixtures.ts'

export const epochOf = (generation: number, step: number): bigint =>
  (BigInt(generation) << 32n) | BigInt(step)

export function join(): {
  readonly id: ParticipantId
  readonly keys: ParticipantKeySource
  readonly sealer: Sealer
} {
  const id = randomParticipantId()
  const keys = new ParticipantKeySource(id)
  return { id, keys, sealer: createSealer({ keys, room: ROOM }) }
}
export type Party = ReturnType<typeof join>

export const give = (from: Party, to: Party, grant = from.keys.grantWithPast()): GrantOutcome =>
  to.keys.setParticipantKey(from.id, grant)

export const seal = async (
  from: Party,
  text: string,
  to?: ParticipantId,
): Promise<Uint8Array<ArrayBuffer>> => (await from.sealer.seal({ kind: 3, to }, utf8(text))).bytes

export const openAt = async (at: Party, from: Party, bytes: Uint8Array): Promise<string> =>
  outcome(await at.sealer.open(from.id, bytes))

export const say = async (from: Party, at: Party, text = 'hi'): Promise<string> =>
  openAt(at, from, await seal(from, text))

/** Parties who hold each other's keys. */
function meet(count: number): Party[] {
  const parties = Array.from({ length: count }, join)
  for (const from of parties) for (const to of parties) if (from !== to) give(from, to)
  return parties
}

export const pair = (): [Party, Party] => meet(2) as [Party, Party]
export const trio = (): [Party, Party, Party] => meet(3) as [Party, Party, Party]
