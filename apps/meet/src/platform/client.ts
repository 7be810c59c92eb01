/**
 * The client of the page, and the rooms whose owner's keys are in this browser.
 *
 * @module
 */
import { systemClock } from '@conclave/base'
import { type Room, checkSupport, createRoomLink, parseRoomLink } from '@conclave/client'
import { type CarriedRule, carryRule, ruleOf } from '../state/carried-rule.ts'
import type { ClientPort } from '../state/client-port.ts'
import { NOTHING_SAID, type OwnedRoom, type OwnerStore, createOwnerStore } from './owners.ts'

/** The client of this page. It keeps the owner's keys of the rooms that it makes, and those that the person enters. */
export function createClientPort(): ClientPort {
  const owners = createOwnerStore()
  /** The rule for the room of the link that this page made last. */
  let next: { readonly room: string; readonly carried: CarriedRule } | undefined
  return {
    checkSupport,
    parseRoomLink,
    async createRoomLink(base) {
      const owner = await owners.generate()
      const link = await createRoomLink(base, { owner })
      await owners.keep(new URL(link).pathname.split('/').at(-1) ?? '', { owner, ...NOTHING_SAID })
      return link
    },
    async newLink(room) {
      const carried = ruleOf(room)
      const owner = await owners.generate()
      const path = await room.authority.newLink(owner)
      const id = path.slice(2).split('#')[0] ?? ''
      await owners.keep(id, { owner, ...NOTHING_SAID })
      next = { room: id, carried }
      return path
    },
    async ownerKey({ id }) {
      const [client, owned] = await Promise.all([import('../rooms.ts'), owners.find(id)])
      return owned && client.encodeOwnerKeys(owned.owner)
    },
    async keepOwnerKey(room, { link, text }) {
      const { decodeOwnerKeys } = await import('../rooms.ts')
      const { ownerFingerprint } = link
      const decoded = await decodeOwnerKeys(text, { ownerFingerprint, exportable: true })
      if (decoded.type === 'refused') return decoded.reason
      const said = {
        statements: room.authority.statements(),
        number: room.snapshot.authority.number,
      }
      await owners.keep(link.room, { owner: decoded.owner, isEntered: true, ...said })
      return undefined
    },
    async isMaker({ id }) {
      const owned = await owners.find(id)
      return owned !== undefined && owned.isEntered !== true
    },
    async join(link, options) {
      const [{ Room }, owned] = await Promise.all([import('../rooms.ts'), owners.find(link.room)])
      const { owner, statements } = owned ?? {}
      const room = await Room.join(link, { ...options, owner, statements })
      if (owned !== undefined) keepStatements(room, owned, owners)
      if (next?.room === room.id) carryRule(room, { carried: next.carried, clock: systemClock })
      return room
    },
    lookInside: async (link) => (await import('../rooms.ts')).lookInside(link),
  }
}

/** A room that everybody leaves forgets what was said: this browser tells it again. */
const keepStatements = (room: Room, owned: OwnedRoom, owners: OwnerStore): void => {
  room.on('statementsChanged', () => {
    const { number } = room.snapshot.authority
    void owners.keep(room.id, { ...owned, statements: room.authority.statements(), number })
  })
}
