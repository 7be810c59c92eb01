/** A member that sends what nobody shows, against the decoders of a room. */
import type { FrameCrypto } from '@conclave/media'
import type { Mesh } from '@conclave/p2p'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type MediaTransport, Room, type RoomOptions, createRoomLink } from '../../src/index.ts'
import { ProtectedMesh } from '../../src/call/protected-mesh.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'
import { collectConnections, rtpStats } from './connections.ts'
import { movingPicture } from './moving-picture.ts'

let hub: LocalHub
let link: string

beforeEach(async () => {
  hub = new LocalHub({ atOnce: true })
  link = await createRoomLink('https://meet.example')
})

test('[S60, S21] sealed pictures under labels that nobody shows, or of another kind than their label says, are not decoded', async () => {
  const connections = collectConnections()
  const alice = await join('Alice', {})
  let mesh: Mesh | undefined
  const mallory = await join('Mallory', {
    media(context) {
      const made = new ProtectedMesh(context, {})
      mesh = made.mesh
      return bareMedia(made.mesh, made.frames, () => made.close())
    },
  })
  await expect.poll(() => [alice, mallory].map((room) => room.participants.size)).toEqual([1, 1])
  if (mesh === undefined) throw new Error('expected media')
  const refused: string[] = []
  mesh.on('error', ({ error }) => {
    refused.push(error.code === 'ERR_P2P_UNSUPPORTED_CODEC' ? error.details.label : error.code)
  })
  // More cost a busy machine so much that the worker behind them may fall silent.
  const hidden = Array.from({ length: 4 }, (_, index) => `hidden-${index}`)
  for (const label of hidden) mesh.setTrack(label, 'video', movingPicture(160, 90))
  mesh.setTrack('screen-audio', 'video', movingPicture(160, 90))
  mesh.setTrack('camera', 'video', movingPicture(160, 90))
  const shown = () => alice.participants.get(mallory.self.id)?.tracks
  await mallory.publish(new MediaStream([movingPicture(160, 90)]))
  await expect.poll(() => shown()?.get('camera')?.e2ee).toBe('ok')
  await expect.poll(() => refused.toSorted()).toEqual([...hidden, 'screen-audio'].toSorted())
  // One picture goes on, and the others would long be there.
  await expect.poll(async () => Math.max(...(await decoded(connections)))).toBeGreaterThan(40)
  expect((await decoded(connections)).filter((frames) => frames > 0)).toHaveLength(1)
  expect([...(shown()?.keys() ?? [])]).toEqual(['camera'])
})

/** The media of a member that sends by its mesh, below the room. */
function bareMedia(mesh: Mesh, frames: FrameCrypto, close: () => Promise<void>): MediaTransport {
  return {
    on: () => () => {},
    addParticipant: (participant) => mesh.addPeer(participant),
    removeParticipant: (participant) => mesh.removePeer(participant),
    setTrack() {},
    resync: () => mesh.resync(),
    stats: () => frames.stats(),
    close,
  }
}

/** The number of decoded pictures of each video that is received. */
async function decoded(connections: readonly RTCPeerConnection[]): Promise<readonly number[]> {
  return (await rtpStats(connections))
    .filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')
    .map(({ framesDecoded = 0 }) => framesDecoded)
}

async function join(name: string, options: RoomOptions): Promise<Room> {
  const room = await Room.join(link, { name, transport: hub.transport.bind(hub), ...options })
  onTestFinished(() => room.leave())
  return room
}
