import { describe, expect, onTestFinished, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { LOST_AFTER_MS } from '../../src/driver/bus-sessions.ts'
import { BusStand, hostileBus, textsOf } from './bus.ts'

const stand = (options?: ConstructorParameters<typeof BusStand>[0]): BusStand => {
  const made = new BusStand(options)
  onTestFinished(() => made.end())
  return made
}

describe('a room over a driver', () => {
  test('[R165] chat, names and leaving work without a hub', async () => {
    const bus = stand()
    const [alice, bob] = [await bus.join('Alice'), await bus.join('Bob')]
    await bus.haveMet()
    await alice.chat.send('hello')
    await bus.until(() => textsOf(bob).includes('hello'))
    expect([...bob.participants.values()].map(({ name }) => name)).toEqual(['Alice'])
    await bus.until(() => alice.chat.messages[0]?.state === 'sent')
    await bus.during(bob.leave())
    const tookMs = await bus.until(() => alice.participants.size === 0)
    expect(tookMs).toBeLessThan(1000)
  })

  test('[S70] the first session is up after half a second, the next one as soon as it has heard the first', async () => {
    const bus = stand()
    const begunMs = bus.clock.now()
    await bus.join('Alice')
    const aloneMs = bus.clock.now() - begunMs
    await bus.join('Bob')
    const metMs = bus.clock.now() - begunMs - aloneMs
    expect(aloneMs).toBeGreaterThanOrEqual(500)
    expect(aloneMs).toBeLessThan(700)
    expect(metMs).toBeLessThan(200)
  })

  test('[R166] two sessions that heard nothing of each other at first meet as soon as they do', async () => {
    const bus = stand()
    bus.network.fate = () => 'drop'
    await bus.join('Alice')
    await bus.join('Bob')
    await bus.pass(4000)
    bus.network.fate = () => 'deliver'
    const met = (): boolean => bus.rooms.every(({ participants }) => participants.size === 1)
    expect(await bus.until(met)).toBeLessThanOrEqual(4000)
  })

  test('[S70, R166] a session that was there first, and is heard of late, is greeted at once', async () => {
    const bus = stand()
    await bus.join('Alice')
    await bus.join('Bob')
    await bus.haveMet()
    bus.network.fate = ({ from, to }) => (from === 'Alice' && to === 'Carol' ? 'hold' : 'deliver')
    const carol = await bus.join('Carol')
    await bus.until(() => carol.participants.size === 1)
    bus.network.fate = () => 'deliver'
    bus.network.flush()
    const metMs = await bus.until(() => carol.participants.size === 2, { stepMs: 5 })
    expect(metMs).toBeLessThan(200)
  })

  test.each([1, 2, 3])(
    '[R165, S72] four sessions get everything once and in order while the bus loses 30 %, repeats and reorders: seed %i',
    async (seed) => {
      const bus = stand(hostileBus(seed, { lost: 0.3, twice: 0.2, late: 0.2 }))
      const names = ['Alice', 'Bob', 'Carol', 'Dave']
      const roomByName = new Map<string, Room>()
      for (const name of names) roomByName.set(name, await bus.join(name))
      const rooms = [...roomByName.values()]
      await bus.haveMet()
      const said = new Map(names.map((name) => [name, [] as string[]]))
      for (let round = 0; round < 25; round += 1) {
        for (const [name, room] of roomByName) {
          const text = `${name} ${round}`
          said.get(name)?.push(text)
          await bus.during(room.chat.send(text))
        }
        await bus.pass(60)
      }
      const isComplete = (room: Room): boolean => room.chat.messages.length >= 100
      await bus.until(() => rooms.every(isComplete))
      await bus.until(() => rooms.every(({ chat }) => chat.messages.every(isSettled)))
      for (const room of rooms) {
        expect(room.chat.messages).toHaveLength(100)
        for (const name of names) {
          const heard = textsOf(room).filter((text) => text.startsWith(`${name} `))
          expect(heard).toEqual(said.get(name))
        }
        expect((await room.stats()).dropped['lost']).toBeUndefined()
      }
    },
    60_000,
  )

  test('[S71] a session that dies silently is lost after the bound, and out of the roster after the grace', async () => {
    const bus = stand()
    const [alice, bob] = [await bus.join('Alice'), await bus.join('Bob')]
    await bus.haveMet()
    bus.network.fate = ({ from }) => (from === 'Bob' ? 'drop' : 'deliver')
    const presence = (): string | undefined => [...alice.participants.values()][0]?.presence
    const tookMs = await bus.until(() => presence() === 'away', { withinMs: 2 * LOST_AFTER_MS })
    expect(tookMs).toBeGreaterThanOrEqual(LOST_AFTER_MS - 2500)
    expect(tookMs).toBeLessThanOrEqual(LOST_AFTER_MS + 2500)
    bus.network.fate = () => 'deliver'
    await bus.until(() => presence() === 'present', { withinMs: 5000 })
    await alice.chat.send('you are back')
    await bus.until(() => textsOf(bob).includes('you are back'))
  })
})

const isSettled = ({ own, state }: { own: boolean; state: string }): boolean =>
  !own || state === 'sent'
