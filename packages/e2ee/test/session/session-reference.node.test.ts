import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeSessionVectors } from '../reference/session-vectors.ts'

test('[C2, C6] the committed vectors of sessions equal the output of the reference', () => {
  const path = new URL('../../../../spec/vectors/session.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(makeSessionVectors())),
  )
})
