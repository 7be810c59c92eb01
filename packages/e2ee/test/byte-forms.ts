/** Tests entries that take bytes with bytes in each kind of memory that engines know. */
import { describe, expect, test } from 'vitest'
import { memoriesOf, transferred } from './memory.ts'

/** Bytes that an entry takes, and what it makes of them. */
export interface Entry {
  readonly given: Uint8Array<ArrayBuffer>
  use(given: Uint8Array<ArrayBuffer>): unknown
}

/** Bytes in any memory mean the same; of those that were transferred the caller is told, or the answer is `undefined`. */
export function testEntries(
  entries: Readonly<Record<string, Entry>>,
  transferredBytes: 'throw' | 'are undefined',
): void {
  describe('[P46, P48, F15] bytes in any memory mean the same', () => {
    for (const [name, { given, use }] of Object.entries(entries)) {
      test(name, async () => {
        const expected = await use(given)
        expect(expected).toBeDefined()
        for (const [memory, bytes] of Object.entries(await memoriesOf(given))) {
          expect(await use(bytes), memory).toEqual(expected)
        }
      })
    }
  })

  describe(`[P46, P48, F15] bytes that were transferred ${transferredBytes}`, () => {
    for (const [name, { given, use }] of Object.entries(entries)) {
      test(name, async () => {
        const using = async (): Promise<unknown> => use(transferred(given))
        if (transferredBytes === 'throw') await expect(using()).rejects.toThrow(TypeError)
        else expect(await using()).toBeUndefined()
      })
    }
  })
}
