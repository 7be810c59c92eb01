import { concatBytes, copyBytes, textToBytes, uintToBytes, withLength } from '@conclave/base'
import { MAX_EXPAND_BYTES } from '@conclave/crypto'
import { E2eeError } from '../errors.ts'
import { checkEpoch } from './epoch.ts'

/**
 * The info of HKDF that separates an exported key from every other one of the same root. spec K6
 *
 * @throws TypeError, RangeError for arguments outside the bounds
 */
export function encodeExportInfo(options: {
  readonly label: string
  readonly context: Uint8Array
  readonly length: number
  readonly epoch: bigint
}): Uint8Array<ArrayBuffer> {
  const { label, context, length, epoch } = options
  if (typeof label !== 'string') throw new TypeError(`"label" expected string, got ${typeof label}`)
  if (!LABEL.test(label))
    throw new RangeError('"label" expected 1 to 255 printable ASCII characters')
  const contextBytes = copyBytes('context', context)
  if (contextBytes.length > 0xffff) {
    throw new RangeError(`"context" expected 65535 bytes at most, got ${contextBytes.length}`)
  }
  if (!Number.isInteger(length) || length < 1 || length > MAX_EXPAND_BYTES) {
    throw new RangeError(`"length" expected 1 to ${MAX_EXPAND_BYTES}, got ${length}`)
  }
  checkEpoch(epoch)
  return concatBytes(
    EXPORT_PREFIX,
    withLength(textToBytes(label)),
    withLength(contextBytes),
    uintToBytes(epoch, 8),
    uintToBytes(length, 2),
  )
}

/** An epoch is not held: not yet, or no longer. spec K8 */
export const unknownEpochError = (epoch: bigint): E2eeError<'ERR_E2EE_UNKNOWN_EPOCH'> =>
  new E2eeError('ERR_E2EE_UNKNOWN_EPOCH', { epoch })

/** The key source was closed. spec K13 */
export const closedError = (): E2eeError<'ERR_E2EE_CLOSED'> =>
  new E2eeError('ERR_E2EE_CLOSED', undefined)

const LABEL = /^[\x20-\x7e]{1,255}$/
const EXPORT_PREFIX = textToBytes('conclave/1 export\0')
