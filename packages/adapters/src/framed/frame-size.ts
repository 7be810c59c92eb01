import { AdapterError } from '../errors.ts'

/**
 * The length of a frame in bytes.
 *
 * @throws AdapterError `ERR_ADAPTER_TOO_LARGE`. spec T42, T62
 */
export function checkFrameSize(frame: string | Uint8Array, maxBytes: number): number {
  const byteLength =
    typeof frame === 'string' ? new TextEncoder().encode(frame).length : frame.length
  if (byteLength <= maxBytes) return byteLength
  throw new AdapterError('ERR_ADAPTER_TOO_LARGE', { byteLength, maxBytes })
}
