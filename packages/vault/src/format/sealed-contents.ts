import { concatBytes, textToBytes } from '@conclave/base'
import { randomBytes, TAG_BYTES, wipe } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { KEY_BYTES, MAX_VAULT_BYTES } from '../limits.ts'
import { deriveSealingKey, openSealed, sealOnce } from '../seal-once.ts'
import { decodeContents, encodeContents } from './contents.ts'
import type { Contents } from './contents.ts'
import { encodeVaultHead } from './vault-file.ts'
import type { VaultFile } from './vault-file.ts'

/** Seals contents into a vault of these fields, under a fresh salt. @throws VaultError `ERR_VAULT_TOO_LARGE`. spec V3 */
export async function sealContents(
  masterKey: SecretKey,
  contents: Contents,
  fields: Pick<VaultFile, 'id' | 'version' | 'generation' | 'slots'>,
): Promise<VaultFile> {
  const plaintext = encodeContents(contents)
  try {
    const salt = randomBytes(KEY_BYTES)
    const length = plaintext.length + TAG_BYTES
    const head = encodeVaultHead({ ...fields, salt }, length)
    if (head.length + length > MAX_VAULT_BYTES) {
      throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'vault', max: MAX_VAULT_BYTES })
    }
    const key = await deriveContentsKey(masterKey, { id: fields.id, salt })
    const sealed = await sealOnce(key, plaintext, concatBytes(CONTENTS_AAD, head))
    return { ...fields, salt, head, sealed }
  } finally {
    wipe(plaintext)
  }
}

/** The contents of a vault. Returns `undefined`, not throws, when they do not open or are malformed. spec V3, V4 */
export async function openContents(
  masterKey: SecretKey,
  file: VaultFile,
): Promise<Contents | undefined> {
  const key = await deriveContentsKey(masterKey, file)
  const plaintext = await openSealed(key, file.sealed, concatBytes(CONTENTS_AAD, file.head))
  if (plaintext === undefined) return undefined
  const { version, generation, slots } = file
  const contents = decodeContents(plaintext, { version, generation, slots: slots.length })
  wipe(plaintext)
  return contents
}

function deriveContentsKey(
  masterKey: SecretKey,
  { id, salt }: Pick<VaultFile, 'id' | 'salt'>,
): Promise<SecretKey> {
  return deriveSealingKey(masterKey, { salt, info: concatBytes(CONTENTS_INFO, id) })
}

const CONTENTS_INFO = textToBytes('conclave/1 vault contents\0')
const CONTENTS_AAD = textToBytes('conclave/1 vault\0')
