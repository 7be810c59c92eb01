/** A member that floods a call, by everything that a member can say, in real pages. */
import {
  type FloodName,
  HostileMember,
  NumberReader,
  NumberedPicture,
  Place,
  textsIn,
} from '@conclave/testing'
import { expect, onTestFinished, test } from 'vitest'
import type { Room } from '../../src/index.ts'

/** How often each flood comes; a hub lets a member say 50 messages a second. */
const TIMES: Readonly<Partial<Record<FloodName, number>>> = { candidates: 200, nonsense: 300 }

test.each<FloodName>([
  'candidates',
  'offers',
  'invokes',
  'syncs',
  'disposes',
  'hellos',
  'forgetfulHellos',
  'nonsense',
  'oversized',
])(
  '[S115, S116, S117] a member that floods by %s hurts no call: pictures and words go on, and what the platform is asked is bounded',
  async (flood) => {
    const asked = countPlatform()
    const uncaught = countUncaught()
    const place = await Place.create({ media: 'calls' })
    onTestFinished(() => place.end())
    const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
    await place.haveMet(alice, bob)
    const readers = [await shows(alice, bob), await shows(bob, alice)] as const
    const mallory = new HostileMember(await place.joinRaw('Mallory'))
    const { id } = mallory.session
    await place.until(() => alice.participants.has(id), [alice])
    await expect.poll(() => mallory.connectionWith(alice.self.id)).toBeDefined()
    const before = { ...asked }
    await mallory.flood(flood, { victim: alice.self.id, times: TIMES[flood] ?? 80 })
    for (const { picture, reader } of readers) await reader.above(picture.last)
    await alice.chat.send('still here')
    await place.until(() => textsIn(bob).includes('still here'), [bob])
    for (const { picture, reader } of readers) await reader.above(picture.last)
    expect(asked.candidates - before.candidates).toBeLessThanOrEqual(64)
    expect(asked.sections).toBeLessThanOrEqual(17)
    expect(asked.offers - before.offers).toBeLessThanOrEqual(24)
    expect(asked.connections - before.connections).toBeLessThanOrEqual(24)
    expect(uncaught).toEqual([])
    expect(alice.participants.get(bob.self.id)?.tracks.get('camera')?.e2ee).toBe('ok')
  },
)

/** A camera of one room, as the other one shows it. */
async function shows(from: Room, to: Room) {
  const picture = new NumberedPicture({ width: 160, height: 90, fps: 10 })
  await from.publish(new MediaStream([picture.track]))
  const shown = () => to.participants.get(from.self.id)?.tracks.get('camera')
  await expect.poll(() => shown()?.e2ee).toBe('ok')
  const reader = new NumberReader(shown()?.track as MediaStreamTrack)
  onTestFinished(() => {
    reader.close()
    picture.stop()
  })
  await reader.count(2)
  return { picture, reader }
}

/** Counts what is asked of the platform's connections, from now until the test ends. */
function countPlatform() {
  const asked = { candidates: 0, offers: 0, sections: 0, connections: 0 }
  const { prototype } = RTCPeerConnection
  const { addIceCandidate, setRemoteDescription } = prototype
  const { RTCPeerConnection: Connection } = globalThis
  prototype.addIceCandidate = function (
    this: RTCPeerConnection,
    candidate?: RTCIceCandidateInit | null,
  ): Promise<void> {
    asked.candidates += 1
    return Reflect.apply(addIceCandidate, this, [candidate])
  } as typeof addIceCandidate
  prototype.setRemoteDescription = function (
    this: RTCPeerConnection,
    description: RTCSessionDescriptionInit,
  ): Promise<void> {
    const sections = description.sdp?.match(/^m=/gm)?.length ?? 0
    asked.sections = Math.max(asked.sections, sections)
    asked.offers += 1
    return Reflect.apply(setRemoteDescription, this, [description])
  } as typeof setRemoteDescription
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      asked.connections += 1
    }
  }
  onTestFinished(() => {
    Object.assign(prototype, { addIceCandidate, setRemoteDescription })
    globalThis.RTCPeerConnection = Connection
  })
  return asked
}

function countUncaught(): readonly string[] {
  const uncaught: string[] = []
  const rejected = ({ reason }: PromiseRejectionEvent): void => void uncaught.push(String(reason))
  addEventListener('unhandledrejection', rejected)
  onTestFinished(() => removeEventListener('unhandledrejection', rejected))
  return uncaught
}
