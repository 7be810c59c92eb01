import { textToBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'

/** The digest of a resume secret: the hub keeps and compares the digest, never the secret. spec H16 */
export function digestResumeSecret(resume: string): Promise<Uint8Array<ArrayBuffer>> {
  return hashBytes(textToBytes(resume))
}
