/** Attackers who own the hub, and a former member with the link, against people in real browsers. */
import { Room } from '@conclave/client'
import { isReconnecting } from './connection-words.ts'
import { findMarkers } from './canary.ts'
import { expect, test as base } from './fixtures.ts'
import { HostileHub } from './hostile-hub.ts'
import type { Person } from './person.ts'

const test = base.extend<{ hostile: HostileHub }>({
  hostile: async ({ hub }, use) => {
    const hostile = await HostileHub.start(hub)
    await use(hostile)
    await hostile.close()
  },
})

/** Two people in a call, in both browsers. */
async function inCall(
  hostile: HostileHub,
  meet: (name: string, options?: { browser: 'firefox' }) => Promise<Person>,
): Promise<{ alice: Person; bob: Person; link: string }> {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch', { browser: 'firefox' })
  const link = await alice.makeRoom(hostile.origin)
  await alice.join(link)
  await bob.join(link)
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
  return { alice, bob, link }
}

test('[R52] T1, T3: a former member with the link and the hub, who says nothing, reads nothing and is in no list', async ({
  hostile,
  meet,
}) => {
  const { alice, bob, link } = await inCall(hostile, meet)
  const members = hostile.sessions
  const mallory = await Room.join(link, { name: 'Mallory', media: false, persons: false })
  const texts = (): string[] => mallory.chat.messages.map(({ text }) => text)
  await Promise.all([alice.isWith([bob.name, 'Mallory']), bob.isWith([alice.name, 'Mallory'])])
  await alice.say('while Mallory is here')
  await expect.poll(texts).toContain('while Mallory is here')

  for (const id of members) hostile.tell(id, 'participantLeft', mallory.self.id)
  hostile.passes = ({ from }) => from !== mallory.self.id
  await Promise.all([alice.isWith([bob.name]), bob.isWith([alice.name])])
  await alice.say('the password is swordfish')
  await bob.reads('the password is swordfish')
  await bob.say('I will remember it')
  await alice.reads('I will remember it')
  for (const message of hostile.tape) hostile.play(mallory.self.id, message)
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name), bob.hears(alice.name)])
  expect(texts()).toEqual(['while Mallory is here'])
  await Promise.all([alice.isWith([bob.name]), bob.isWith([alice.name])])
  await mallory.leave()

  const carried = Buffer.concat(hostile.tape.map(({ payload }) => payload))
  const markers = [alice.name, bob.name, 'swordfish', 'remember', 'a=ice-ufrag', 'candidate:']
  expect(findMarkers(carried, markers)).toEqual([])
})

test('[C2, R44] T2, T3: who takes somebody’s id while she is cut off, with all that she ever said, speaks for nobody', async ({
  hostile,
  meet,
}) => {
  const { alice, bob } = await inCall(hostile, meet)
  await alice.say('I am Alice')
  await bob.reads('I am Alice')
  const [her, his] = hostile.sessions
  if (her === undefined || his === undefined) throw new Error('expected two sessions')
  const said = hostile.tape.filter(({ from }) => from === her)
  hostile.cutOff(her)
  await alice.page.waitFor(isReconnecting, null, { what: 'the words for a server that is away' })
  // The hub says that she is back, brings everything that she said once more, and what others said as her words.
  hostile.tell(his, 'participantJoined', her)
  for (const { payload } of said) hostile.play(his, { from: her, payload })
  for (const { payload } of hostile.tape) hostile.play(his, { from: her, payload })
  await bob.say('is that you, Alice?')
  await bob.sees(alice.name)
  expect(await bob.timesInChat('I am Alice')).toBe(1)
  await bob.isWith([alice.name])

  hostile.lost = undefined
  await alice.reads('is that you, Alice?', 40_000)
  await alice.say('now it is')
  await bob.reads('now it is')
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
})

// Runs in the page and must not refer to anything outside of itself.
