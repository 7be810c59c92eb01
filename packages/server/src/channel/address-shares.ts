import type { ParticipantId } from '@conclave/wire'
import { toAddressKey } from '../door/addresses.ts'

/**
 * How many participants of one channel come from each address, so that one address cannot take all places of a room. Its own
 * machine is no address: a proxy stands there, or a test. Bounded by the participants of the channel. spec H6
 */
export class AddressShares {
  readonly #countByParticipantByKey = new Map<string, Map<ParticipantId, number>>()

  /**
   * Takes a place for a participant from an address, and returns the function that gives it back; `undefined` when as many others from
   * there are in. One that comes again, before its earlier connection is gone, takes no second one.
   */
  take(
    participant: ParticipantId,
    { address, most }: { readonly address: string | undefined; readonly most: number },
  ): (() => void) | undefined {
    if (address === undefined || OWN_MACHINE.test(address)) return () => {}
    const key = toAddressKey(address)
    const counts = this.#countByParticipantByKey.get(key) ?? new Map<ParticipantId, number>()
    if (!counts.has(participant) && counts.size >= most) return undefined
    counts.set(participant, (counts.get(participant) ?? 0) + 1)
    this.#countByParticipantByKey.set(key, counts)
    return () => {
      const count = (counts.get(participant) ?? 0) - 1
      if (count > 0) counts.set(participant, count)
      else counts.delete(participant)
      if (counts.size === 0) this.#countByParticipantByKey.delete(key)
    }
  }
}

const OWN_MACHINE = /^(?:(?:::ffff:)?127\.|::1$)/i
