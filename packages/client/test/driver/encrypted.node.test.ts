import { SharedKeySource } from '@conclave/e2ee'
import { PBKDF2, generatePassphrase } from '@conclave/e2ee/passphrase'
import { createBusSeal } from '@conclave/e2ee/session'
import type { Namespace, SealedHandler } from '@conclave/p2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encrypted, hubDriver } from '../../src/index.ts'
import type { EncryptedDriver, EncryptedOptions, Room } from '../../src/index.ts'
import { namedRoom } from '../../src/driver/encrypted-session.ts'
import { BusStand, ROOT, textsOf } from './bus.ts'

const DEMO = 'demo-room'

/** Messages that a driver delivered, each with its sender. */
type Heard = { readonly message: unknown; readonly from: string }[]

class Stand extends BusStand {
  readonly drivers: EncryptedDriver[] = []

  driver(name: string, options: Partial<EncryptedOptions> = {}): EncryptedDriver {
    const keys = new SharedKeySource(ROOT)
    const made = encrypted(this.network.driver(name), {
      ...{ keys, name, clock: this.clock },
      ...options,
    } as EncryptedOptions)
    this.drivers.push(made)
    return made
  }

  /** Listens as a `Sender` or a `Receiver` does. */
  async listen(driver: EncryptedDriver, role: 'sender' | 'receiver', room = DEMO) {
    const heard: Heard = []
    const handler: SealedHandler = (message, from) => heard.push({ message, from })
    await this.during(Promise.resolve(driver.on([role, room], handler)))
    await this.during(Promise.resolve(driver.on([role, room, driver.id], handler)))
    const namespaces: Namespace[] = [
      [role, room],
      [role, room, driver.id],
    ]
    const stop = async (): Promise<void> => {
      for (const namespace of namespaces) await this.during(driver.off(namespace, handler))
    }
    return { heard, stop }
  }

  async close(): Promise<void> {
    await this.during(Promise.all(this.drivers.map((driver) => driver.close())))
    await this.end()
  }
}

const stand = (): Stand => {
  const made = new Stand()
  onTestFinished(() => made.close())
  return made
}

/** Alice sends and Bob receives, and they know each other. */
async function pair() {
  const bus = stand()
  const [alice, bob] = [bus.driver('Alice'), bus.driver('Bob')]
  const sender = await bus.listen(alice, 'sender')
  const receiver = await bus.listen(bob, 'receiver')
  await bus.until(() => alice.room?.participants.size === 1 && bob.room?.participants.size === 1)
  return { bus, alice, bob, sender, receiver }
}

describe('a sealed driver over any driver', () => {
  test('[S75, S77] carries messages to everyone and to one, with the authenticated sender', async () => {
    const { bus, alice, bob, sender, receiver } = await pair()
    await bus.during(bob.emit(['sender', DEMO], { type: 'invoke', id: bob.id }))
    await bus.until(() => sender.heard.length === 1)
    await bus.during(alice.emit(['receiver', DEMO, bob.id], { type: 'sync', id: alice.id }))
    await bus.until(() => receiver.heard.length === 1)
    expect(sender.heard).toEqual([{ message: { type: 'invoke', id: bob.id }, from: bob.id }])
    expect(receiver.heard).toEqual([{ message: { type: 'sync', id: alice.id }, from: alice.id }])
    expect(alice.id).toMatch(/^[\w-]{22}$/)
    expect(alice.sealed).toBe(true)
  })

  test('[S106] a message to everyone of a small room comes as such, and waits for no key', async () => {
    const { bus, alice, bob } = await pair()
    const [forAll, forAlice]: [unknown[], unknown[]] = [[], []]
    await bus.during(alice.on(['sender', DEMO], (message) => forAll.push(message)))
    await bus.during(alice.on(['sender', DEMO, alice.id], (message) => forAlice.push(message)))
    const before = bus.network.log.length
    await bus.during(bob.emit(['sender', DEMO], { type: 'invoke' }))
    await bus.until(() => forAll.length === 1)
    expect(forAlice).toEqual([])
    // The message, and its receipt on the way.
    expect(bus.network.log.length - before).toBeLessThanOrEqual(2)
  })

  test('[S75] has an id while something is on, and another one after the next start', async () => {
    const bus = stand()
    const alice = bus.driver('Alice')
    expect(alice.id).toBe('')
    const first = await bus.listen(alice, 'sender')
    const { id } = alice
    expect(id).not.toBe('')
    await first.stop()
    expect(alice.id).toBe('')
    expect(alice.room).toBeUndefined()
    await bus.listen(alice, 'sender')
    expect(alice.id).not.toBe(id)
    const other = Promise.resolve(alice.on(['sender', 'another room'], () => {}))
    await expect(other).rejects.toMatchObject({ code: 'ERR_CLIENT_ARGUMENT' })
  })

  test('[S78] a peer whose session leaves is disposed of for the others, at once', async () => {
    const { bus, alice, bob, sender } = await pair()
    const { id } = bob
    await bus.during(bob.close())
    const tookMs = await bus.until(() => sender.heard.length > 0)
    expect(sender.heard).toEqual([{ message: { type: 'dispose', id }, from: id }])
    expect(tookMs).toBeLessThan(1000)
    expect(alice.room?.participants.size).toBe(0)
  })

  test('[S77] repeated, reflected, moved and invented texts deliver nothing, a forged dispose neither', async () => {
    const { bus, alice, bob, sender, receiver } = await pair()
    await bus.during(bob.emit(['sender', DEMO, alice.id], { type: 'invoke', id: bob.id }))
    await bus.during(bob.emit(['sender', DEMO, alice.id], { type: 'dispose', id: bob.id }))
    await bus.until(() => sender.heard.length === 2)
    const recorded = [...bus.network.log]
    const subject = recorded[0]?.namespace ?? []
    const dispose = { type: 'dispose', id: bob.id }
    const namespaces = [subject, ['sender', DEMO], ['sender', DEMO, alice.id], ['receiver', DEMO]]
    for (const namespace of namespaces) {
      for (const { message } of recorded) bus.network.inject(namespace, message)
      bus.network.inject(namespace, dispose)
      bus.network.inject(namespace, { ...dispose, sealed: 'AAAA', sequence: 9, from: bob.id })
    }
    // With the root of the room, and without the keys of Bob's session.
    const seal = await createBusSeal(new SharedKeySource(ROOT), { room: await namedRoom(DEMO) })
    expect([seal.subject]).toEqual(subject)
    bus.network.inject(subject, await seal.seal(new TextEncoder().encode(JSON.stringify(dispose))))
    await bus.pass(3000)
    expect(sender.heard).toHaveLength(2)
    expect(receiver.heard).toEqual([])
    await bus.during(bob.emit(['sender', DEMO, alice.id], { type: 'invoke', id: bob.id }))
    await bus.until(() => sender.heard.length === 3)
  })

  test('[S76] two rooms of one passphrase or key have nothing in common', async () => {
    const { bus, alice } = await pair()
    const carol = bus.driver('Carol')
    const other = await bus.listen(carol, 'sender', 'another room')
    const dave = bus.driver('Dave')
    await bus.listen(dave, 'receiver', 'another room')
    await bus.until(() => carol.room?.participants.size === 1)
    const subjects = new Set(bus.network.log.map(({ namespace }) => namespace.join()))
    expect(subjects.size).toBe(2)
    for (const { namespace, message } of [...bus.network.log]) {
      for (const subject of subjects) {
        if (subject !== namespace.join()) bus.network.inject([subject], message)
      }
    }
    await bus.pass(2000)
    expect(other.heard).toEqual([])
    expect(alice.room?.participants.size).toBe(1)
    expect(carol.room?.participants.size).toBe(1)
  })

  test('[S76, S79] a passphrase opens the room of its name, another one sees nobody, a weak one is refused', async () => {
    const bus = stand()
    const passphrase = generatePassphrase()
    const options = { keys: undefined, passphrase, kdf: PBKDF2 }
    const [alice, bob] = [bus.driver('Alice', options), bus.driver('Bob', options)]
    const mallory = bus.driver('Mallory', { ...options, passphrase: generatePassphrase() })
    const sender = await bus.listen(alice, 'sender')
    await bus.listen(bob, 'receiver')
    await bus.listen(mallory, 'receiver')
    await bus.until(() => alice.room?.participants.size === 1)
    await bus.during(bob.emit(['sender', DEMO], { type: 'invoke', id: bob.id }))
    await bus.during(mallory.emit(['sender', DEMO], { type: 'invoke', id: mallory.id }))
    await bus.until(() => sender.heard.length === 1)
    await bus.pass(1000)
    expect(sender.heard.map(({ from }) => from)).toEqual([bob.id])
    expect(mallory.room?.participants.size).toBe(0)
    const subjects = new Set(bus.network.log.map(({ namespace }) => namespace.join()))
    expect([...subjects].join()).not.toContain(DEMO)
    for (const weak of ['demo-room', '', 'correct horse']) {
      expect(() => encrypted(bus.network.driver('x'), { passphrase: weak })).toThrow(
        expect.objectContaining({ code: 'ERR_E2EE_WEAK_PASSPHRASE' }),
      )
    }
  })

  test('[S79] a start that cannot be made is rejected, and the next one can', async () => {
    const bus = stand()
    const alice = bus.driver('Alice')
    const wrong = Promise.resolve(alice.on(['sender', ''], () => {}))
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_CLIENT_ARGUMENT' })
    await expect(alice.emit(['sender', DEMO], {})).rejects.toThrow(/"namespace" expected/)
    bus.network.fate = () => 'drop'
    const handler = (): void => undefined
    const joining = alice.on(['sender', DEMO], handler).then(
      () => 'joined',
      ({ code }: { code: string }) => code,
    )
    await bus.pass(100)
    await bus.during(alice.off(['sender', DEMO], handler))
    expect(await joining).toBe('ERR_CLIENT_ABORTED')
    bus.network.fate = () => 'deliver'
    await bus.listen(alice, 'sender')
    for (const options of [undefined, {}, { keys: {} }, { passphrase: 7 }]) {
      const make = (): unknown => encrypted(bus.network.driver('x'), options as never)
      expect(make).toThrow(TypeError)
    }
    expect(() => encrypted({} as never, { keys: new SharedKeySource(ROOT) })).toThrow(/"driver"/)
  })

  test('[S75] a room is behind it, with chat', async () => {
    const { bus, alice, bob } = await pair()
    await alice.room?.chat.send('beside the call')
    await bus.until(() => textsOf(bob.room as Room).length === 1)
    expect([...(bob.room?.participants.values() ?? [])].map(({ name }) => name)).toEqual(['Alice'])
  })
})

describe('a driver over a room', () => {
  test('[R168] keys are given and changed for media beside the published tracks, while it is sent', async () => {
    const bus = stand()
    const [alice, bob] = [await bus.join('Alice'), await bus.join('Bob')]
    const carol = await bus.join('Carol')
    await bus.haveMet()
    const side = alice.sideMedia()
    await bus.during(side.sends(true))
    side.sealed(1)
    const first = side.keys.epoch
    await bus.during(carol.leave())
    const tookMs = await bus.until(() => side.keys.epoch > first)
    // A round of the room code, which says something too, begins after half a second.
    expect(tookMs).toBeLessThan(450)
    await bus.during(side.sends(false))
    const last = side.keys.epoch
    await bus.during(bob.leave())
    await bus.pass(3000)
    expect(side.keys.epoch).toBe(last)
  })

  test('[R167] carries the messages of peers beside everything else, under the ids of participants', async () => {
    const bus = stand()
    const [alice, bob] = [await bus.join('Alice'), await bus.join('Bob')]
    await bus.haveMet()
    const [one, other] = [hubDriver(alice), hubDriver(bob)]
    expect([one.id, other.id]).toEqual([alice.self.id, bob.self.id])
    const heard: Heard = []
    const handler: SealedHandler = (message, from) => heard.push({ message, from })
    // A name that is the room's id has nothing to do with the room's mesh.
    for (const name of ['stage', alice.id]) {
      one.on(['sender', name], handler)
      one.on(['sender', name, one.id], handler)
      const message = { type: 'invoke', id: other.id, name }
      await bus.during(other.emit(['sender', name], message))
      await bus.during(other.emit(['sender', name, one.id], message))
      await bus.during(other.emit(['receiver', name], message))
      await bus.during(other.emit(['sender', `${name}2`], message))
      await bus.until(() => heard.length >= 2)
      await bus.pass(500)
      expect(heard.splice(0)).toEqual([
        { message, from: other.id },
        { message, from: other.id },
      ])
      expect((await alice.stats()).dropped['malformed-body']).toBeUndefined()
      one.off(['sender', name], handler)
    }
    await bus.during(bob.leave())
    await bus.until(() => heard.length > 0)
    expect(heard[0]).toEqual({ message: { type: 'dispose', id: other.id }, from: other.id })
    await bus.during(alice.leave())
    expect(() => hubDriver(alice)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CLOSED' }))
    expect(() => hubDriver({} as Room)).toThrow(/"room" expected/)
  })
})
