/**
 * The client of the page, and the rooms that this browser made.
 *
 * @module
 */
import { type Room, checkSupport, createRoomLink, parseRoomLink } from '@conclave/client'
import type { ClientPort } from '../state/client-port.ts'
import { type OwnedRoom, type OwnerStore, createOwnerStore } from './owners.ts'

/** The client of this page. It keeps the owner's keys of the rooms that it makes. */
export function createClientPort(): ClientPort {
  const owners = createOwnerStore()
  return {
    checkSupport,
    parseRoomLink,
    async createRoomLink(base) {
      const owner = await owners.generate()
      const link = await createRoomLink(base, { owner })
      await owners.keep(new URL(link).pathname.split('/').at(-1) ?? '', { owner, rule: 'open' })
      return link
    },
    async newLink(room) {
      const owner = await owners.generate()
      const path = await room.authority.newLink(owner)
      await owners.keep(path.slice(2).split('#')[0] ?? '', { owner, rule: 'open' })
      return path
    },
    async join(link, options) {
      const [{ Room }, owned] = await Promise.all([import('../rooms.ts'), owners.find(link.room)])
      const room = await Room.join(link, { ...options, owner: owned?.owner })
      if (owned !== undefined) await govern(room, owned, owners)
      return room
    },
    lookInside: async (link) => (await import('../rooms.ts')).lookInside(link),
  }
}

/** Remembers the rule, and sets it again in a room that was empty and forgot it. */
const govern = async (room: Room, owned: OwnedRoom, owners: OwnerStore): Promise<void> => {
  room.on('ruleChanged', ({ rule }) => void owners.keep(room.id, { ...owned, rule }))
  const { standing, rule } = room.snapshot.authority
  if (standing === 'admitted' && rule === 'open' && owned.rule !== 'open') {
    await room.authority.setRule(owned.rule)
    await room.authority.setHistory('call')
  }
}
