/**
 * Writes the vectors of the chapters keys and payload:
 * `node packages/e2ee/test/reference/write-vectors.ts`
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { makeKeyVectors, makePayloadVectors } from './vectors.ts'

const write = (name: string, vectors: object): void =>
  writeFileSync(
    new URL(`../../../../spec/vectors/${name}.json`, import.meta.url),
    `${JSON.stringify(vectors, null, 2)}\n`,
  )

write('keys', makeKeyVectors())
write('payload', makePayloadVectors())
