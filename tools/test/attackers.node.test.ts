/** Each promise of SECURITY.md, and each fact that a room or a key source tells, has a test that plays the attacker. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Room, createRoomLink } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { ParticipantKeySource, SharedKeySource, randomParticipantId } from '@conclave/e2ee'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../prepare.mjs'

test('the title of a test names each promise of SECURITY.md', () => {
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  const promises = [...text.matchAll(/^\| (T\d) \|/gm)].map(([, promise = '']) => promise)
  expect(promises).toEqual(['T1', 'T2', 'T3', 'T4', 'T5'])
  expect(notAttacked(promises)).toEqual([])
})

test('the title of a test names each fact of a room', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await Room.join(await createRoomLink('https://meet.example'), {
    ...{ transport: hub.transport.bind(hub), media: false, persons: false },
  })
  onTestFinished(() => room.leave())
  const { admission, ...contents } = room.properties()
  expect(admission.because).toEqual(['link-admits'])
  const facts = Object.entries(contents).flatMap(([content, properties]) =>
    Object.keys(properties).map((property) => `${content}.${property}`),
  )
  expect(facts).toHaveLength(18)
  expect(notAttacked([...facts, 'room.admission'])).toEqual([])
})

test('the title of a test names each fact of a key source', () => {
  const shared = new SharedKeySource(new Uint8Array(32).map((_, at) => at))
  const facts = [shared, new ParticipantKeySource(randomParticipantId())].flatMap((keys) =>
    Object.keys(keys.properties()).map((property) => `${keys.mode}.${property}`),
  )
  expect(facts).toHaveLength(10)
  expect(notAttacked([...facts, 'passphrase.forwardSecrecy'])).toEqual([])
})

/** Those of these promises and facts with which no title begins, behind the rules: `[R52] T3, messages.rekeyOnLeave: …`. */
const notAttacked = (names: readonly string[]): readonly string[] => {
  const attacked = new Set<string>()
  for (const path of globSync(TESTS, { cwd: root })) {
    const text = readFileSync(join(root, path), 'utf8')
    for (const [, list = ''] of text.matchAll(TITLE)) {
      for (const name of list.split(', ')) attacked.add(name)
    }
  }
  return names.filter((name) => !attacked.has(name))
}

const TESTS = ['packages/*/test/**/*.test.ts', 'apps/*/{test,e2e}/**/*.{test,spec}.ts']
const TITLE =
  /['"`](?:\[[A-Z0-9, ]+\] )?((?:T\d|[a-z]+\.[a-zA-Z]+)(?:, (?:T\d|[a-z]+\.[a-zA-Z]+))*): /g
