/** The memory of a device that uses a vault: its pin, and the notices of other devices. */
import { ARGON2ID } from '@conclave/vault'
import type { SlotId, VaultPin } from '@conclave/vault'
import vectors from '../../../spec/vectors/vault.json' with { type: 'json' }
import { decodePin, encodePin } from '../../../packages/vault/src/format/vault-pin.ts'
import { hasTraps, hostileBytes, hostileCopy, hostileValue } from '../hostile.ts'
import { mutateBytes, randomJson } from '../mutate.ts'
import type { Random } from '../random.ts'
import { argumentErrorOf, codeOf, FuzzFailure, fromHex, mustEqual, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { files, openBytes } from './vault-files.ts'

const pins: FuzzTarget = {
  name: 'vault/pin',
  share: 5,
  async prepare() {
    const [first = new Uint8Array()] = files
    const opened = (await openBytes(first)).pin
    const { version, digest } = opened
    const device = 'A'.repeat(21).concat('Q')
    const passphrase = { slot: `${'A'.repeat(21)}Q` as SlotId, kdf: ARGON2ID }
    const pin: VaultPin = {
      ...opened,
      writer: device,
      device,
      wrote: { version, digest },
      passphrase,
    }
    return {
      async attempt(random, note) {
        if (random.oneIn(2)) return readRecord(random, note, pin)
        const input = random.oneIn(3) ? hostileValue(random) : hostileCopy(random, pin)
        note(input)
        try {
          await openBytes(first, input as VaultPin)
          return 'opened'
        } catch (error) {
          if (hasTraps(input)) return 'a trap'
          return error instanceof TypeError
            ? argumentErrorOf(error)
            : codeOf(error, new Set(['ERR_VAULT_ROLLED_BACK']))
        }
      },
    }
  },
}

/** The bytes of a pin in a storage of pins. */
function readRecord(random: Random, note: (input: unknown) => void, pin: VaultPin): string {
  const input = random.oneIn(8)
    ? hostileBytes(random, encodePin(pin))
    : random.oneIn(2)
      ? mutateBytes(random, [encodePin(pin)])
      : new TextEncoder().encode(randomJson(random))
  note(input)
  const read = decodePin(input)
  if (read === undefined) return 'refused'
  mustEqual(decodePin(encodePin(read)), read, 'a pin survives its record')
  return 'read'
}

const notices: FuzzTarget = {
  name: 'vault/notice',
  share: 15,
  async prepare() {
    const [, second = new Uint8Array()] = files
    const valid = vectors.notices.map(({ bytes }) => fromHex(bytes))
    const signers = new Set(
      vectors.notices.flatMap(({ outcome, bytes }) =>
        outcome === 'unknown' ? [] : signerOf(fromHex(bytes)),
      ),
    )
    let vault = await openBytes(second)
    return {
      async attempt(random, note) {
        const input = random.oneIn(12)
          ? hostileBytes(random, random.pick(valid))
          : mutateBytes(random, valid)
        note(input)
        try {
          const outcome = await vault.hear(input as Uint8Array)
          if (outcome !== 'later' && outcome !== 'forked') return outcome
          vault = await openBytes(second)
          const isReal = signers.has(signerOf(new Uint8Array(input as Uint8Array)))
          if (!isReal) throw new FuzzFailure('forged', 'heard of a generation that no one made')
          return outcome
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return hasTraps(input) ? 'a trap' : argumentErrorOf(error)
        }
      },
    }
  },
}

/** The signer of a notice's generation: its last rotation but for the signature. */
const signerOf = (notice: Uint8Array): string => toHex(notice.slice(-96, -64))

/** Targets of `@conclave/vault`. */
export const VAULT_MEMORY_TARGETS: readonly FuzzTarget[] = [pins, notices]
