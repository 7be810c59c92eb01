/** Records on the connections between two peers, as a peer seals them, and as a relay changes them. */
import { SharedKeySource } from '@conclave/e2ee'
import { createDataSeal } from '@conclave/e2ee/session'
import { bytesToParticipantId, bytesToRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import {
  MAX_DATA_BYTES,
  decodeDataRecord,
  encodeDataRecords,
} from '../../../packages/p2p/src/data/data-record.ts'
import { mutateBytes } from '../mutate.ts'
import { mustEqual, mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const idOf = (value: number): ParticipantId =>
  bytesToParticipantId(new Uint8Array(16).fill(value)) as ParticipantId
const ROOM = bytesToRoomId(new Uint8Array(16).fill(5)) as RoomId

const records: FuzzTarget = {
  name: 'peer-data/record',
  share: 40,
  async prepare() {
    const valid = [0, 9, 70_000].flatMap((length) =>
      encodeDataRecords({ channel: 'a channel', bytes: new Uint8Array(length) }, length),
    )
    return {
      attempt(random, note) {
        const bytes = mutateBytes(random, valid)
        note(bytes)
        const record = decodeDataRecord(bytes)
        if (record === undefined) return 'refused'
        mustHold((record.first?.byteLength ?? 0) <= MAX_DATA_BYTES, 'no message is too long')
        mustHold(record.piece.length <= bytes.length, 'a piece is a part of its record')
        return record.first === undefined ? 'continued' : 'first'
      },
    }
  },
}

const sealed: FuzzTarget = {
  name: 'peer-data/sealed',
  share: 20,
  async prepare() {
    const keys = new SharedKeySource(new Uint8Array(32).fill(3))
    const [alice, bob] = [idOf(1), idOf(2)]
    const sealOf = (self: ParticipantId) => createDataSeal({ room: ROOM, self, keysOf: () => keys })
    const place = { connection: 'a connection', number: 0 }
    const valid = [
      await sealOf(alice).seal({ ...place, peer: bob }, new Uint8Array(9)),
      await sealOf(alice).seal({ ...place, peer: bob }, new Uint8Array(300)),
    ]
    const known = new Set(valid.map(String))
    const opener = sealOf(bob)
    for (const [index, bytes] of valid.entries()) {
      const opened = await opener.open({ ...place, peer: alice }, bytes)
      mustEqual(opened?.length, [9, 300][index], 'what was sealed opens')
    }
    return {
      async attempt(random, note) {
        const bytes = new Uint8Array(mutateBytes(random, valid))
        note(bytes)
        const opened = await opener.open({ ...place, peer: alice }, bytes)
        mustHold(opened === undefined || known.has(String(bytes)), 'only what was sealed opens')
        return opened === undefined ? 'refused' : 'opened'
      },
    }
  },
}

/** Everything that comes over a data channel. */
export const PEER_DATA_TARGETS: readonly FuzzTarget[] = [records, sealed]
