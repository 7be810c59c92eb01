/** Hubs that are slow, lose things or say nonsense, in the test's time. */
import {
  type Delivery,
  Place,
  type Rule,
  TestTime,
  createRandom,
  delay,
  inTurn,
  lose,
  repeat,
  textsIn,
} from '@conclave/testing'
import { expect, onTestFinished, test } from 'vitest'

const random = createRandom(7)
const rules: Readonly<Record<string, (time: TestTime) => Rule<Delivery>>> = {
  'delays each by up to 2 s, and repeats a fifth': ({ clock }) =>
    inTurn(repeat({ share: 0.2, random }), delay({ share: 1, random, clock, toMs: 2000 })),
  'loses a third': () => lose({ share: 1 / 3, random }),
}

test.for(Object.entries(rules))(
  '[R10, R17] over a hub that %s two meet, and 30 messages come once and in order, also the last one',
  async ([, rule]) => {
    const time = new TestTime({ stepMs: 50, turns: 2 })
    const place = await Place.create({ time, rule: rule(time) })
    onTestFinished(() => place.end())
    const [alice, bob] = [await place.join('alice'), await place.join('bob')]
    await place.haveMet(alice, bob)
    const all = Array.from({ length: 30 }, (_, number) => `m${number}`)
    for (const text of all) alice.chat.send(text).catch(() => {})
    await time.until(() => textsIn(bob).length === all.length, { withinMs: 8000 })
    await time.pass(4000)
    expect(textsIn(bob)).toEqual(all)
  },
)

test('[R8] 5,000 messages of random bytes, and 100 as long as any, say nothing and stop nothing', async () => {
  const time = new TestTime()
  const place = await Place.create({ time })
  onTestFinished(() => place.end())
  const [alice, bob] = [await place.join('alice'), await place.join('bob')]
  await place.haveMet(alice, bob)
  const bytes = Uint8Array.from({ length: 65_536 }, () => random() * 256)
  const [from, to] = [alice.self.id, bob.self.id]
  for (let times = 0; times < 5000; times += 1) {
    const start = Math.floor(random() * 60_000)
    place.hub.invent({ from, to, payload: bytes.slice(start, start + random() * 300) })
  }
  for (let times = 0; times < 100; times += 1) place.hub.invent({ from, to, payload: bytes })
  await time.during(alice.chat.send('after garbage'))
  await time.until(() => textsIn(bob).length === 1)
  expect(textsIn(bob)).toEqual(['after garbage'])
  const { dropped } = await bob.stats()
  const count = Object.values(dropped).reduce<number>((sum, each) => sum + (each ?? 0), 0)
  expect(count).toBeGreaterThanOrEqual(5100)
})
