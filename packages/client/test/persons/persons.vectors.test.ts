import { decodeBase64Url } from '@conclave/base'
import { parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/room.json' with { type: 'json' }
import { derivePersonId } from '../../src/persons/person-id.ts'
import { decodeRoundPart, encodeRoundPart, nameRoster } from '../../src/persons/room-code-bodies.ts'

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

test.each(vectors.persons)(
  '[R86] the person of $personKey in the room $room is $id',
  async ({ room, personKey, id }) => {
    const place = { room: parseRoomId(room) as RoomId }
    expect(await derivePersonId(fromHex(personKey), place)).toBe(id)
  },
)

test.each(vectors.rosters)('[R90] a roster has the name $roster in any order', async (vector) => {
  const ids = vector.ids.map((id) => parseParticipantId(id) as ParticipantId)
  expect(await nameRoster(ids)).toBe(vector.roster)
  expect(await nameRoster(ids.toReversed())).toBe(vector.roster)
})

const bodyOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

test.each(vectors.parts.accepted)('[R90] a part of round $round', (part) => {
  const decoded = decodeRoundPart(bodyOf(part))
  expect(decoded).toEqual({ ...part, value: decodeBase64Url(part.value) })
  expect(decoded && new TextDecoder().decode(encodeRoundPart(decoded))).toBe(JSON.stringify(part))
})

test('[R90] anything else is no part', () => {
  for (const value of vectors.parts.refused) {
    expect(decodeRoundPart(bodyOf(value)), JSON.stringify(value)).toBeUndefined()
  }
})
