/** Something that a platform may lack. */
export type Need = 'random' | 'subtle' | 'Ed25519' | 'X25519' | 'WebAssembly'

/** One use of an exported function, and what it needs of the platform. */
export interface Row {
  /** The export as `entry name`, or `entry name: use` for one of several uses. */
  readonly name: string
  /** Without any of them the use ends with `ERR_CRYPTO_UNSUPPORTED`. */
  readonly needs: readonly Need[]
  /** `works`, or the code with which it ends in Node where nothing else is missing. */
  readonly otherwise: string
  readonly run: () => unknown
}

/** The rows of an entry: `{ name: [needs, run] }`, with the needs as words, and the code with which it always ends in Node. */
export function rowsOf(
  entry: string,
  uses: Readonly<Record<string, readonly [needs: string, run: () => unknown]>>,
): readonly Row[] {
  return Object.entries(uses).map(([name, [words, run]]) => {
    const all = words.split(' ').filter(Boolean)
    const isCode = (word: string): boolean => word.startsWith('ERR_')
    return {
      name: `${entry} ${name}`,
      needs: all.filter((word) => !isCode(word)) as Need[],
      otherwise: all.find(isCode) ?? 'works',
      run,
    }
  })
}

/** The export that a row is about. */
export const exportOf = ({ name }: Row): string => name.split(':')[0] ?? name
