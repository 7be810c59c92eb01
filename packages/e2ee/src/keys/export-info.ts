import {
  checkInteger,
  concatBytes,
  copyBytes,
  textToBytes,
  uintToBytes,
  withLength,
} from '@conclave/base'
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
  if (typeof label !== 'string' || !LABEL.test(label)) {
    throw new RangeError('"label" expected printable ASCII')
  }
  const contextBytes = copyBytes('context', context)
  checkInteger('context.length', contextBytes.length, { min: 0, max: 0xffff })
  checkInteger('length', length, { min: 1, max: MAX_EXPAND_BYTES })
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
