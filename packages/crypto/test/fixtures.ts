/** Bytes from text, and a platform without a part of its cryptography. */
import { vi } from 'vitest'

export const hexToBytes = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

export const bytesToHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** `count` bytes that count up from `from`. */
export const rising = (from: number, count: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: count }, (_, at) => from + at)

/** A copy with one bit changed. */
export function flipBit(bytes: Uint8Array, at: number, bit = 0): Uint8Array<ArrayBuffer> {
  const changed = new Uint8Array(bytes)
  changed[at] = (changed[at] ?? 0) ^ (1 << bit)
  return changed
}

/** Lets the platform refuse an algorithm, as engines without it do, until mocks are restored. */
export function refuseAlgorithm(name: string): void {
  for (const method of ['generateKey', 'importKey'] as const) {
    const original = crypto.subtle[method].bind(crypto.subtle) as (...given: unknown[]) => unknown
    const refusing = (...given: unknown[]): unknown =>
      given.includes(name)
        ? Promise.reject(new DOMException('no', 'NotSupportedError'))
        : original(...given)
    vi.spyOn(crypto.subtle, method).mockImplementation(refusing as never)
  }
}
