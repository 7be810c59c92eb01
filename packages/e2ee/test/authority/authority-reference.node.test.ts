import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeAuthorityVectors } from '../reference/authority-vectors.ts'

test('[U4, U9, U18] the committed vectors of authority equal the output of the reference', () => {
  const path = new URL('../../../../spec/vectors/authority.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(makeAuthorityVectors())),
  )
})
