/** Topics and requests of rooms over a bus without a hub. */
import { expect, onTestFinished, test } from 'vitest'
import { BusStand, hostileBus } from './bus.ts'

test('[R165, R175, R176, R179] topics and requests work over a bus that loses, repeats and reorders', async () => {
  const bus = new BusStand(hostileBus(8, { lost: 0.2, twice: 0.2, late: 0.2 }))
  onTestFinished(() => bus.end())
  const [alice, bob] = [await bus.join('Alice'), await bus.join('Bob')]
  await bus.haveMet()
  const numbers = await bus.during(alice.topic<number>('numbers'))
  const bobs = await bus.during(bob.topic<number>('numbers'))
  const cursors = await bus.during(alice.topic<number>('cursors', { reliable: false }))
  const bobsCursors = await bus.during(bob.topic<number>('cursors', { reliable: false }))
  const [heard, pointed]: [number[], number[]] = [[], []]
  bobs.on('value', ({ value }) => heard.push(value))
  bobsCursors.on('value', ({ value }) => pointed.push(value))
  bobs.handle((question) => [question, heard.length])
  await bus.until(() => numbers.participants.length + cursors.participants.length === 2)
  const sent = Array.from({ length: 40 }, (_, number) => number)
  for (const number of sent) {
    await bus.during(numbers.send(number))
    await bus.during(cursors.send(number))
  }
  await bus.until(() => heard.length === sent.length, { withinMs: 60_000 })
  expect(heard).toEqual(sent)
  const answer = numbers.request('how many', { to: bob.self.id })
  expect(await bus.during(answer)).toEqual(['how many', sent.length])
  expect(pointed.length).toBeGreaterThan(0)
  expect(pointed).toEqual([...new Set(pointed)].toSorted((left, right) => left - right))
  await bus.during(bobs.close())
  await bus.until(() => numbers.participants.length === 0)
})
