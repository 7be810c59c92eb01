/** Input of a vault: from a storage, a person and an authenticator. */
import {
  createMemoryStorage,
  createPasskeyClient,
  encodeRecoveryKey,
  findRecoveryKeyMistake,
  inspectVault,
  openVault,
  parseRecoveryKey,
} from '@conclave/vault'
import vectors from '../../../spec/vectors/vault.json' with { type: 'json' }
import { decodeContents, encodeContents } from '../../../packages/vault/src/format/contents.ts'
import { decodeVaultFile, encodeVaultHead } from '../../../packages/vault/src/format/vault-file.ts'
import { hostileBytes, hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText } from '../mutate.ts'
import type { Random } from '../random.ts'
import { codeOf, FuzzFailure, fromHex, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { files, openBytes } from './vault-files.ts'

const damaged = [...vectors.malformed, ...vectors.failing].map(({ bytes }) => fromHex(bytes))

const inspecting: FuzzTarget = {
  name: 'vault/inspect',
  share: 40,
  async prepare() {
    const valid = [...files, ...damaged.filter(({ length }) => length > 100)]
    return {
      attempt(random, note) {
        const input = makeFile(random, valid)
        note(input)
        const summary = inspectVault(input as Uint8Array)
        if (summary === undefined) return 'refused'
        const file = decodeVaultFile(new Uint8Array(input as Uint8Array))
        if (file === undefined) throw new FuzzFailure('wrong', 'both readers agree')
        const head = encodeVaultHead(file, file.sealed.length)
        mustHold(toHex(head) === toHex(file.head), 'every vault has one encoding')
        for (const { kdf } of summary.slots) {
          const isBounded =
            kdf === undefined ||
            (kdf.type === 'argon2id'
              ? kdf.iterations * kdf.memoryKiB <= 786_432 && kdf.memoryKiB <= 262_144
              : kdf.iterations <= 4_800_000)
          mustHold(isBounded, 'no more work than the bounds allow')
        }
        return 'read'
      },
    }
  },
}

const opening: FuzzTarget = {
  name: 'vault/open',
  share: 3,
  async prepare() {
    const pins = await Promise.all(files.map(async (bytes) => (await openBytes(bytes)).pin))
    return {
      async attempt(random, note) {
        const input = random.oneIn(30) ? random.pick(files) : makeFile(random, files)
        const pin = random.oneIn(3) ? random.pick(pins) : undefined
        note({ input, pin })
        try {
          const vault = await openBytes(input, pin)
          const copy = toHex(new Uint8Array(input as Uint8Array))
          const isReal = files.some((bytes) => toHex(bytes) === copy)
          if (!isReal) throw new FuzzFailure('forged', 'opened what nobody stored')
          if (pin !== undefined && pin.version > vault.version)
            throw new FuzzFailure('forged', 'opened an older state than the pinned one')
          return 'opened'
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return codeOf(error, OPEN_CODES)
        }
      },
    }
  },
}

const recoveryTexts: FuzzTarget = {
  name: 'vault/recovery-key',
  share: 40,
  async prepare() {
    const { accepted, tolerated, refused } = vectors.recoveryKeys
    const valid = [...accepted, ...tolerated, ...refused].map(({ text }) => text)
    const right = accepted.map(({ text }) => text)
    return {
      attempt(random, note) {
        const input = random.oneIn(5) ? hostileValue(random) : mutateText(random, valid, 60)
        note(input)
        const parsed = parseRecoveryKey(input)
        if (typeof input !== 'string') {
          mustHold(parsed === undefined, 'only text is the text of a key')
          return 'no text'
        }
        const mistake = findRecoveryKeyMistake(input)
        mustHold((mistake === undefined) === (parsed !== undefined), 'both readers agree')
        // One or two wrong characters are always noticed.
        const text = random.pick(right)
        const wrong = replaceSymbols(random, text, 1 + random.below(2))
        mustHold(wrong === text || parseRecoveryKey(wrong) === undefined, 'a slip is noticed')
        if (parsed === undefined) return mistake?.type ?? 'refused'
        const again = parseRecoveryKey(encodeRecoveryKey(parsed))
        mustEqual(again?.unsafeExport(), parsed.unsafeExport(), 'a key has one text')
        return 'accepted'
      },
    }
  },
}

const contents: FuzzTarget = {
  name: 'vault/contents',
  share: 40,
  async prepare() {
    const entries = new Map(['a', 'rooms/1'].map((name) => [name, new Uint8Array(8)]))
    const rotation = { publicKey: new Uint8Array(32), signature: new Uint8Array(64) }
    const slot = { publicKey: new Uint8Array(32), label: 'laptop' }
    const [writer, digest] = [new Uint8Array(16), new Uint8Array(32)]
    const one = encodeContents({
      ...{ slots: [slot], rotations: [rotation], history: [], entries, writer, lastWrites: [] },
    })
    const devices = [1, 2].map((byte) => new Uint8Array(16).fill(byte))
    const two = encodeContents({
      ...{ slots: [slot, slot], rotations: [rotation, rotation] },
      ...{ history: [digest, digest, digest], entries: new Map(), writer: devices[0] ?? writer },
      lastWrites: devices.map((device, at) => ({ device, version: 3 - at, digest })),
    })
    return {
      attempt(random, note) {
        const which = random.below(2)
        const bytes = mutateHead(random, which === 0 ? one : two)
        note(bytes)
        const expected =
          which === 0
            ? { slots: 1, version: 1, generation: 1 }
            : { slots: 2, version: 4, generation: 2 }
        const read = decodeContents(bytes, expected)
        if (read === undefined) return 'refused'
        mustHold(toHex(encodeContents(read)) === toHex(bytes), 'contents have one encoding')
        return 'read'
      },
    }
  },
}

const passkeys: FuzzTarget = {
  name: 'vault/passkey-answer',
  share: 10,
  async prepare() {
    const withPasskey = files.find((bytes) =>
      inspectVault(bytes)?.slots.some(({ type }) => type === 'passkey'),
    )
    if (withPasskey === undefined) throw new Error('expected a vault with a passkey')
    const slot = inspectVault(withPasskey)?.slots.find(({ type }) => type === 'passkey')
    const rawId = new Uint8Array(Buffer.from(slot?.credentialId ?? '', 'base64url'))
    return {
      async attempt(random, note) {
        const first = random.oneIn(2)
          ? random.bytes(random.pick([0, 16, 31, 32, 33])).buffer
          : undefined
        const answer = random.oneIn(12)
          ? null
          : {
              type: random.oneIn(8) ? 'password' : 'public-key',
              rawId: random.oneIn(4) ? random.bytes(random.below(40)).buffer : rawId.buffer,
              getClientExtensionResults: () =>
                random.oneIn(4) ? {} : { prf: { enabled: true, results: { first } } },
            }
        note(answer)
        const get = async (): Promise<unknown> => {
          if (random.oneIn(8)) throw new DOMException('declined', 'NotAllowedError')
          return answer
        }
        const credentials = { get } as unknown as CredentialsContainer
        const rp = { id: slot?.rpId ?? '', name: 'x' }
        const storage = createMemoryStorage()
        await storage.write(withPasskey, undefined)
        const client = createPasskeyClient({ rp, credentials })
        try {
          await openVault({ storage, with: { type: 'passkey', passkeys: client }, pin: 'none' })
          throw new FuzzFailure('forged', 'opened with a made-up secret')
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return codeOf(error, PASSKEY_CODES)
        }
      },
    }
  },
}

function makeFile(random: Random, valid: readonly Uint8Array[]): unknown {
  if (random.oneIn(12)) return hostileBytes(random, random.pick(valid))
  if (random.oneIn(20)) return hostileValue(random)
  return random.oneIn(2) ? mutateBytes(random, valid) : mutateHead(random, random.pick(valid))
}

/** One or two bytes changed where the fields are: nothing that changes the length gets far here. */
function mutateHead(random: Random, valid: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(valid)
  for (let left = 1 + random.below(2); left > 0; left -= 1) {
    const at = random.below(Math.min(bytes.length, random.oneIn(2) ? 80 : 400))
    bytes[at] = random.oneIn(2) ? random.below(256) : (bytes[at] ?? 0) ^ (1 << random.below(8))
  }
  return bytes
}

function replaceSymbols(random: Random, text: string, count: number): string {
  let changed = text
  for (let left = count; left > 0; left -= 1) {
    const at = random.below(7) * 5 + random.below(4)
    changed = changed.slice(0, at) + SYMBOLS.charAt(random.below(32)) + changed.slice(at + 1)
  }
  return changed
}

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const OPEN_CODES: ReadonlySet<string> = new Set([
  ...['ERR_VAULT_MALFORMED', 'ERR_VAULT_OPEN_FAILED', 'ERR_VAULT_ROLLED_BACK'],
])
const PASSKEY_CODES: ReadonlySet<string> = new Set([
  ...['ERR_VAULT_PASSKEY_REFUSED', 'ERR_VAULT_UNSUPPORTED', 'ERR_VAULT_NO_SLOT'],
  'ERR_VAULT_OPEN_FAILED',
])

/** Targets of `@conclave/vault`. */
export const VAULT_TARGETS: readonly FuzzTarget[] = [
  ...[inspecting, opening, recoveryTexts, contents, passkeys],
]
