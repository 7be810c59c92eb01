/**
 * Three rooms of this process over a real hub whose connections are killed.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Room, createRoomLink } from '@conclave/client'
import { MortalHub } from './hub.ts'
import type { Scene, Speaker } from './play.ts'

/** Everybody has met when it resolves. */
export async function chatScene(): Promise<Scene> {
  const names = ['alice', 'bob', 'carol'] as const
  const origin = 'https://meet.example'
  const hub = await MortalHub.start({ sessions: names.length, origin })
  const link = await createRoomLink(origin)
  const rooms: Room[] = []
  for (const [at, name] of names.entries()) {
    rooms.push(await Room.join(link, { name, hub: hub.urls[at], media: false, persons: false }))
  }
  const speakers = rooms.map(speakerOf)
  const isWell = async (): Promise<boolean> =>
    rooms.every(
      ({ state, participants }) =>
        state === 'connected' &&
        [...participants.values()].filter(({ presence }) => presence === 'present').length ===
          names.length - 1,
    )
  while (!(await isWell())) await sleep(20)
  return {
    speakers,
    isWell,
    kill: (random) => hub.kill(random),
    async close() {
      await Promise.all(rooms.map((room) => room.leave()))
      await hub.close()
    },
  }
}

function speakerOf(room: Room): Speaker {
  const heard: string[] = []
  const waiting = new Set<string>()
  room.on('chat', ({ message: { own, text, state } }) => {
    if (!own) heard.push(text)
    else if (state !== 'sending') waiting.delete(text)
  })
  return {
    name: room.self.name,
    async say(text) {
      waiting.add(text)
      while (waiting.size > MAX_WAITING) await sleep(5)
      await room.chat.send(text)
    },
    count: async () => heard.length,
    heard: async () => heard,
  }
}

/** Messages of one session that the hub has not taken over. */
const MAX_WAITING = 64
