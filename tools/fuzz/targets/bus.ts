/** Frames of sessions on a bus, as their members make them, and texts, as the bus does. */
import { SharedKeySource } from '@conclave/e2ee'
import { createBusSeal, createSessionKeys } from '@conclave/e2ee/session'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import {
  BusVerifier,
  decodeBusFrame,
  signBusFrame,
} from '../../../packages/client/src/driver/bus-frame.ts'
import type { BusMessage } from '../../../packages/client/src/driver/bus-frame.ts'
import { hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText } from '../mutate.ts'
import { mustEqual, mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const ROOM = bytesToRoomId(new Uint8Array(16).fill(5)) as RoomId
const MESSAGES: readonly BusMessage[] = [
  { kind: 'here', sequence: 7, asks: true },
  { kind: 'leave' },
  { kind: 'message', sequence: 2 ** 47, payload: new Uint8Array(40).fill(9) },
  { kind: 'receipt', sequences: [1, 2, 3] },
]

const frames: FuzzTarget = {
  name: 'bus/frame',
  share: 30,
  async prepare() {
    const session = await createSessionKeys()
    const valid = await Promise.all(
      MESSAGES.map((message) => signBusFrame(message, { session, room: ROOM })),
    )
    for (const [index, bytes] of valid.entries()) {
      mustEqual(decodeBusFrame(bytes)?.message, MESSAGES[index], 'it is decoded as it was encoded')
    }
    const known = new Set(valid.map(String))
    const verifier = new BusVerifier(ROOM)
    return {
      async attempt(random, note) {
        const bytes = new Uint8Array(mutateBytes(random, valid))
        note(bytes)
        const frame = decodeBusFrame(bytes)
        if (frame === undefined) return 'refused'
        const signer = await verifier.verify(frame)
        mustHold(signer === undefined || known.has(String(bytes)), 'only what was signed verifies')
        return frame.message.kind
      },
    }
  },
}

const texts: FuzzTarget = {
  name: 'bus/text',
  share: 20,
  async prepare() {
    const seal = await createBusSeal(new SharedKeySource(new Uint8Array(32).fill(3)), {
      room: ROOM,
    })
    const valid = [await seal.seal(new Uint8Array(9)), await seal.seal(new Uint8Array(700))]
    return {
      async attempt(random, note) {
        // Salts are random: an intact text is one on purpose, not by the seed's chance.
        const text = random.oneIn(20)
          ? valid[random.below(valid.length)]
          : random.oneIn(4)
            ? hostileValue(random)
            : mutateText(random, valid, 2000)
        note(text)
        const opened = await seal.open(text)
        mustHold(
          opened === undefined || valid.includes(text as string),
          'only what was sealed opens',
        )
        return opened === undefined ? 'refused' : 'opened'
      },
    }
  },
}

/** Everything that comes from a bus. */
export const BUS_TARGETS: readonly FuzzTarget[] = [frames, texts]
