/**
 * Writes the vectors of the chapter *rooms*, by Node's cryptography and nothing of the packages:
 * `node packages/client/test/reference/write-vectors.ts`
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'

const bytes = (length: number, seed: string): Buffer =>
  Buffer.from(createHash('sha512').update(seed).digest().subarray(0, length))

const digest = (label: string, ...parts: readonly Buffer[]): string => {
  const hash = createHash('sha256').update(`${label}\0`, 'utf8')
  for (const part of parts) hash.update(part)
  return hash.digest().subarray(0, 16).toString('base64url')
}

const persons = ['one', 'two'].flatMap((room) =>
  ['alice', 'bob'].map((person) => {
    const [roomId, key] = [bytes(16, `room ${room}`), bytes(32, `person ${person}`)]
    return {
      room: roomId.toString('base64url'),
      personKey: key.toString('hex'),
      id: digest('conclave/1 person id', roomId, key),
    }
  }),
)

const rosters = [1, 2, 3, 32].map((count) => {
  const ids = Array.from({ length: count }, (_, index) => bytes(16, `session ${index}`))
  return {
    ids: ids.map((id) => id.toString('base64url')),
    roster: digest('conclave/1 room code members', ...ids.toSorted(Buffer.compare)),
  }
})

const [roster, value] = [rosters[1]?.roster ?? '', bytes(32, 'value').toString('base64url')]
const part = { roster, round: 3, value }
const parts = {
  accepted: [part, { ...part, round: 1 }, { ...part, round: 2 ** 48 }],
  refused: [
    ...[0, -1, 1.5, 2 ** 48 + 1, '1', null].map((round) => ({ ...part, round })),
    ...[`${value}A`, value.slice(1), `${value.slice(0, -1)}=`, 7, null].map((wrong) => ({
      ...part,
      value: wrong,
    })),
    ...[`${roster}A`, roster.slice(1), '!'.repeat(22), `${'A'.repeat(21)}B`].map((wrong) => ({
      ...part,
      roster: wrong,
    })),
    ...[{ ...part, more: 1 }, { roster, round: 3 }, [roster, 3, value], 'text', null],
  ],
}

writeFileSync(
  new URL('../../../../spec/vectors/room.json', import.meta.url),
  `${JSON.stringify({ persons, rosters, parts }, null, 2)}\n`,
)
