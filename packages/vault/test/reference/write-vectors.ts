/**
 * Writes `spec/vectors/vault.json` with the reference: `node packages/vault/test/reference/write-vectors.ts`. Every
 * value is made up from a label, so that the file is the same each time.
 */
import { argon2Sync, createHash, pbkdf2Sync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { digestOf, recoveryText, slotPublicKey, writeNotice, writeVault } from './vault-writer.ts'
import type { ReferenceSlot, ReferenceVault } from './vault-writer.ts'

/** Bytes that a reader can make again: SHA-256 of a label. */
const made = (label: string, length = 32): Buffer =>
  createHash('sha256').update(`conclave vault vectors: ${label}`).digest().subarray(0, length)

const hex = (bytes: Buffer): string => bytes.toString('hex')
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export async function makeVectors(): Promise<object> {
  const recoveryKey = made('recovery key', 16)
  const recoveryKeys = [
    ...[Buffer.from('1'.padStart(32, '0'), 'hex'), Buffer.alloc(16, 255), recoveryKey],
    ...['one', 'two', 'three'].map((label) => made(label, 16)),
  ].map((key) => ({ key: hex(key), text: recoveryText(key) }))
  const [plain = ''] = recoveryKeys.slice(2).map(({ text }) => text)

  const passphrase = 'pa\u0308ssword that is long enough'
  const salt = made('passphrase salt', 16)
  const utf8 = Buffer.from(passphrase.normalize('NFC'))
  const argon = { memoryKiB: 19_456, iterations: 2, parallelism: 1 }
  const stretched = argon2Sync('argon2id', {
    ...{ message: utf8, nonce: salt, tagLength: 32 },
    ...{ memory: argon.memoryKiB, passes: argon.iterations, parallelism: argon.parallelism },
  })
  const rounds = 600_000
  const passphrases = [
    { kdf: { type: 'argon2id', ...argon }, salt: hex(salt), passphrase, secret: hex(stretched) },
    {
      ...{ kdf: { type: 'pbkdf2-sha256', iterations: rounds }, salt: hex(salt), passphrase },
      secret: hex(pbkdf2Sync(utf8, salt, rounds, 32, 'sha256')),
    },
  ]

  const vaultId = made('vault id', 16)
  const slot = (
    type: 1 | 2 | 3,
    label: string,
    secret: Buffer,
    parameters: Buffer,
  ): ReferenceSlot => ({
    ...{ type, label, secret, parameters },
    ...{ id: made(`slot ${label}`, 16), ephemeral: made(`ephemeral ${label}`) },
  })
  const recovery = slot(1, '', recoveryKey, Buffer.alloc(0))
  const costs = [u32(argon.iterations), u32(argon.memoryKiB), Buffer.of(argon.parallelism)]
  const phrase = slot(2, 'every day', stretched, Buffer.concat([Buffer.of(1), salt, ...costs]))
  const rpId = Buffer.from('example.org')
  const credentialId = made('credential', 20)
  const passkeySalt = made('passkey salt')
  const passkeyParameters = [
    passkeySalt,
    Buffer.of(rpId.length),
    rpId,
    Buffer.of(0, 20),
    credentialId,
  ]
  const passkey = slot(3, 'phone \u2713', made('passkey secret'), Buffer.concat(passkeyParameters))

  const first: ReferenceVault = {
    ...{ id: vaultId, version: 1, salt: made('salt 1'), masterKeys: [made('master 1')] },
    ...{ slots: [recovery], history: [], entries: [], lastWrites: [], writer: made('laptop', 16) },
  }
  const firstBytes = writeVault(first)
  const second: ReferenceVault = {
    ...{ id: vaultId, version: 2, salt: made('salt 2') },
    masterKeys: [made('master 1'), made('master 2')],
    slots: [recovery, phrase, passkey],
    history: [digestOf(firstBytes)],
    writer: made('tablet', 16),
    lastWrites: [{ device: made('laptop', 16), version: 1, digest: digestOf(firstBytes) }],
    entries: [
      ['a', Buffer.from('one')],
      ['b', Buffer.alloc(0)],
      ['rooms/\u00fc', made('room key')],
    ],
  }
  const secondBytes = writeVault(second)
  const shown = (vault: ReferenceVault, bytes: Buffer) => ({
    version: vault.version,
    generation: vault.masterKeys.length,
    masterKey: hex(vault.masterKeys.at(-1) ?? Buffer.alloc(0)),
    digest: hex(digestOf(bytes)),
    entries: Object.fromEntries(vault.entries.map(([name, value]) => [name, hex(value)])),
    slots: vault.slots.map((each) => ({
      ...{ type: each.type, id: hex(each.id), label: each.label, secret: hex(each.secret) },
      publicKey: hex(slotPublicKey(each, vaultId)),
    })),
    bytes: hex(bytes),
  })

  const change = (at: number, ...values: readonly number[]): Buffer => {
    const bytes = Buffer.from(secondBytes)
    bytes.set(values, at)
    return bytes
  }
  const wrapped = 72 + 20
  const phraseAt = 72 + 100
  const passkeyAt = phraseAt + 100 + phrase.parameters.length
  const written = (fields: Partial<ReferenceVault>): Buffer => writeVault({ ...second, ...fields })
  const weak = Buffer.concat([Buffer.of(1), salt, u32(1), u32(1_024), Buffer.of(1)])
  const argonOf = (iterations: number, memoryKiB: number): Buffer =>
    Buffer.concat([Buffer.of(1), salt, u32(iterations), u32(memoryKiB), Buffer.of(1)])
  const costing = (parameters: Buffer): Buffer =>
    written({ slots: [recovery, { ...phrase, parameters }] })
  const costly = Buffer.concat([Buffer.of(2), salt, u32(4_000_000_000)])
  const [lastWrite = { device: vaultId, version: 1, digest: vaultId }] = second.lastWrites
  const otherWrite = { ...lastWrite, device: made('phone', 16) }
  const malformed: readonly (readonly [string, Buffer])[] = [
    ['empty', Buffer.alloc(0)],
    ['another magic', change(0, 0x44)],
    ['format 2', change(4, 2)],
    ['reserved bits of the head', change(6, 1)],
    ['version 0', change(8, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['version 2^53', change(8, 0, 32, 0, 0, 0, 0, 0, 0)],
    ['generation 0', change(16, 0, 0, 0, 0)],
    ['a generation above the version', change(16, 0, 0, 0, 3)],
    ['no slots', change(5, 0)],
    ['fewer slots than there are', change(5, 2)],
    ['more slots than there are', change(5, 4)],
    ['17 slots', change(5, 17)],
    ['slot of type 0', change(phraseAt, 0)],
    ['slot of type 4', change(phraseAt, 4)],
    ['reserved bits of a slot', change(phraseAt + 1, 1)],
    ['a recovery key with parameters', change(74, 0, 1)],
    ['two recovery keys', written({ slots: [recovery, { ...recovery, id: made('again', 16) }] })],
    ['no recovery key: a passkey alone', written({ slots: [passkey] })],
    ['no recovery key: a passphrase alone', written({ slots: [phrase] })],
    [
      'two passphrases',
      written({ slots: [recovery, phrase, { ...phrase, id: made('again', 16) }] }),
    ],
    [
      'one passkey twice',
      written({ slots: [recovery, passkey, { ...passkey, id: made('again', 16) }] }),
    ],
    ['two slots of one id', written({ slots: [recovery, { ...passkey, id: recovery.id }] })],
    ['an unknown function for passphrases', change(phraseAt + 20, 3)],
    ['costs below the bounds', written({ slots: [recovery, { ...phrase, parameters: weak }] })],
    ['costs above the bounds', written({ slots: [recovery, { ...phrase, parameters: costly }] })],
    ['Argon2id above four times the default', costing(argonOf(13, 65_536))],
    ['Argon2id with more memory, above four times the default', costing(argonOf(4, 262_144))],
    [
      'PBKDF2 above four times the default',
      costing(Buffer.concat([Buffer.of(2), salt, u32(4_800_001)])),
    ],
    ['a relying party that is no host name', change(passkeyAt + 20 + 33, 0x45)],
    ['a credential id of no length', change(passkeyAt + 20 + 33 + 11, 0, 0)],
    ['one byte short', secondBytes.subarray(0, -1)],
    ['one byte long', Buffer.concat([secondBytes, Buffer.alloc(1)])],
    ['another length of the contents', change(22, 8, 16)],
    ['contents that are not padded', written({ extraPadding: Buffer.alloc(1) })],
  ]
  const failing: readonly (readonly [string, Buffer])[] = [
    ['another version', change(15, 3)],
    ['another vault id', change(24, 0)],
    ['another salt', change(40, 0)],
    ['another slot id', change(76, 0)],
    ['another ephemeral key', change(wrapped, 0)],
    ['an ephemeral key of zeros', change(wrapped, ...Array<number>(32).fill(0))],
    ['another wrapped key', change(wrapped + 32, 0)],
    ['another cost of the passphrase', change(phraseAt + 20 + 20, 3)],
    ['another credential id', change(passkeyAt + 20 + 46, 0)],
    ['another byte of the contents', change(secondBytes.length - 100, 0, 0)],
    ['another tag', change(secondBytes.length - 2, 0, 0)],
    ['entries out of order', written({ entries: second.entries.toReversed() })],
    [
      'an entry twice',
      written({ entries: [...second.entries.slice(0, 1), ...second.entries.slice(0, 1)] }),
    ],
    ['an entry without a name', written({ entries: [['', Buffer.alloc(1)]] })],
    ['history of another length', written({ history: [] })],
    ['a last write of the state itself', written({ lastWrites: [{ ...lastWrite, version: 2 }] })],
    ['a last write of version 0', written({ lastWrites: [{ ...lastWrite, version: 0 }] })],
    [
      'last writes in rising order',
      written({ lastWrites: [lastWrite, { ...lastWrite, version: 2 }] }),
    ],
    ['two last writes of a version', written({ lastWrites: [lastWrite, otherWrite] })],
    [
      'a last write of no device',
      written({ lastWrites: [{ ...lastWrite, device: Buffer.alloc(16) }] }),
    ],
    ['padding of more than 1,023 zeros', written({ extraPadding: Buffer.alloc(1_024) })],
    ['padding that is not zero', written({ extraPadding: Buffer.alloc(1_024, 1) })],
    ['a master key that did not sign', written({ signerKeys: [made('master 1'), made('other')] })],
  ]
  const masters = [1, 2, 3].map((generation) => made(`master ${generation}`))
  const noticeOf = (...keys: readonly Buffer[]): Buffer => writeNotice(keys, vaultId)
  const third = noticeOf(...masters)
  const changed = (notice: Buffer, at: number, ...values: readonly number[]): Buffer => {
    const bytes = Buffer.from(notice)
    bytes.set(values, at)
    return bytes
  }
  const [master = Buffer.alloc(0)] = masters
  // Heard by the second vault, which is in generation 2.
  const notices: readonly (readonly [string, string, Buffer])[] = [
    ['known', 'generation 1', noticeOf(...masters.slice(0, 1))],
    ['known', 'generation 2', noticeOf(...masters.slice(0, 2))],
    ['later', 'generation 3', third],
    ['later', 'generation 4', noticeOf(...masters, made('master 4'))],
    ['forked', 'another generation 2', noticeOf(master, made('branch'))],
    ['forked', 'a generation 3 of another 2', noticeOf(master, made('branch'), made('branch 3'))],
    ['unknown', 'no generation in common', noticeOf(made('another'), made('branch'))],
    ['unknown', 'another vault', writeNotice(masters, made('another vault', 16))],
    ['unknown', 'a changed signature', changed(third, third.length - 64, 0)],
    ['unknown', 'a changed key', changed(third, third.length - 96, 0)],
    ['unknown', 'no signature', changed(third, third.length - 64, ...Array<number>(64).fill(0))],
    ['unknown', 'empty', Buffer.alloc(0)],
    ['unknown', 'another magic', changed(third, 0, 0x44)],
    ['unknown', 'format 2', changed(third, 4, 2)],
    ['unknown', 'fewer rotations than generations', changed(third, 5, 2)],
    ['unknown', 'reserved bits', changed(third, 7, 1)],
    ['unknown', 'generation 0', changed(noticeOf(master), 24, 0, 0, 0, 0)],
    ['unknown', 'another generation', changed(third, 27, 4)],
    ['unknown', 'one byte short', third.subarray(0, -1)],
    ['unknown', 'one byte long', Buffer.concat([third, Buffer.alloc(1)])],
  ]
  return {
    about:
      'Chapter vault. Bytes are hexadecimal. Slot types: 1 recovery key, 2 passphrase, 3 passkey. All vaults open with the recovery key of slot 1. The second vault hears the notices.',
    recoveryKeys: {
      accepted: recoveryKeys,
      tolerated: [plain.toLowerCase(), plain.replaceAll('-', ''), plain.replaceAll('-', ' ')].map(
        (text) => ({ text, key: hex(recoveryKey) }),
      ),
      refused: [
        ['empty', ''],
        ['one character short', plain.slice(0, -1)],
        ['one character long', `${plain}0`],
        ['a wrong character', plain.replace(/^./, (first) => (first === '0' ? '1' : '0'))],
        ['a character that no key has', plain.replace(/.$/, 'U')],
        ['a later format', recoveryText(Buffer.concat([Buffer.of(1), Buffer.alloc(16)]))],
        ['zeros', recoveryText(Buffer.alloc(16))],
        ['another separator', plain.replaceAll('-', '/')],
      ].map(([why, text]) => ({ why, text })),
    },
    passphrases,
    vaults: [shown(first, firstBytes), shown(second, secondBytes)],
    malformed: malformed.map(([why, bytes]) => ({ why, bytes: hex(bytes) })),
    failing: failing.map(([why, bytes]) => ({ why, bytes: hex(bytes) })),
    notices: notices.map(([outcome, why, bytes]) => ({ outcome, why, bytes: hex(bytes) })),
  }
}

if (import.meta.main) {
  const file = new URL('../../../../spec/vectors/vault.json', import.meta.url)
  writeFileSync(file, `${JSON.stringify(await makeVectors(), undefined, 2)}\n`)
}
