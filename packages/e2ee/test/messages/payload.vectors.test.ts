import { concatBytes, textToBytes } from '@conclave/base'
import { createSealer, Keyring, SharedKeySource } from '@conclave/e2ee'
import type { EventKeys } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/payload.json' with { type: 'json' }
import { partiesToBytes } from '../../src/messages/message-purpose.ts'
import { bytesToHex, hexToBytes, participantIdOf, roomIdOf, withSalt } from '../fixtures.ts'

const BYSTANDER = participantIdOf('____________________-w')
const recipientOf = (vector: { recipient: string | null }) =>
  vector.recipient === null ? undefined : participantIdOf(vector.recipient)

describe('messages', () => {
  const named = vectors.messages.map((vector, index) => ({ ...vector, index }))

  /** Its key source, or the keyring that holds its key under a key id. */
  const keysOf = ({ keyId, root, epoch }: (typeof named)[number]): EventKeys => {
    if (keyId === '') return new SharedKeySource(hexToBytes(root), { epoch: BigInt(epoch) })
    const ring = new Keyring()
    ring.rotate({ keyId, epoch: BigInt(epoch), key: hexToBytes(root) })
    return ring
  }

  test.each(named)('[P1] message $index: the key of its stream', async (vector) => {
    const keys = new SharedKeySource(hexToBytes(vector.root), { epoch: BigInt(vector.epoch) })
    const parties = partiesToBytes({
      room: roomIdOf(vector.room),
      sender: participantIdOf(vector.sender),
      recipient: recipientOf(vector),
    })
    const context = concatBytes(parties, hexToBytes(vector.salt), textToBytes(vector.keyId))
    const key = await keys.export('conclave/1 payload', context, 32)
    expect(bytesToHex(key)).toBe(vector.key)
  })

  test.each(named)('[P6] message $index opens', async (vector) => {
    const keys = keysOf(vector)
    const self = recipientOf(vector) ?? BYSTANDER
    const sealer = createSealer({ keys, room: roomIdOf(vector.room), unsafeSelf: self })
    const opened = await sealer.open(participantIdOf(vector.sender), hexToBytes(vector.bytes))
    expect(opened).toEqual({
      type: 'opened',
      kind: vector.kind,
      audience: vector.recipient === null ? 'room' : vector.data ? 'data' : 'direct',
      sequence: BigInt(vector.sequence),
      keyId: vector.keyId,
      epoch: BigInt(vector.epoch),
      body: hexToBytes(vector.body),
    })
  })

  const sealable = named.filter(({ sequence }) => Number(sequence) < 10)
  test.each(sealable)('[P2] message $index is sealed to the same bytes', async (vector) => {
    const keys = keysOf(vector)
    const self = participantIdOf(vector.sender)
    const sealer = withSalt(hexToBytes(vector.salt), () =>
      createSealer({ keys, room: roomIdOf(vector.room), unsafeSelf: self }),
    )
    const options = { kind: vector.kind, to: recipientOf(vector), isData: vector.data }
    for (let before = 0; before < Number(vector.sequence); before += 1) {
      await sealer.seal(options, new Uint8Array())
    }
    const { sequence, bytes } = await sealer.seal(options, hexToBytes(vector.body))
    expect(sequence).toBe(BigInt(vector.sequence))
    expect(bytesToHex(bytes)).toBe(vector.bytes)
  })
})

describe('dropped messages', () => {
  test.each(vectors.dropped)('[P8] $why: $reason', async (vector) => {
    const keys = new SharedKeySource(hexToBytes(vector.root))
    const self = participantIdOf(vector.self)
    const sealer = createSealer({ keys, room: roomIdOf(vector.room), unsafeSelf: self })
    const zeros = new Uint8Array(vector.zerosAppended ?? 0)
    const bytes = concatBytes(hexToBytes(vector.bytes), zeros)
    const answer = await sealer.open(participantIdOf(vector.from), bytes)
    expect(answer).toMatchObject({ type: 'dropped', reason: vector.reason })
  })
})
