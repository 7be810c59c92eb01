/** The plugin of examples/08-whiteboard: boards of several members in one page, one of them hostile. */
import { expect, onTestFinished, test } from 'vitest'
import { type Whiteboard, whiteboard } from '../../../../examples/08-whiteboard/whiteboard.ts'
import type { Room } from '../../src/index.ts'
import { localRoom } from '../support.ts'

test('[R174, R175, R179] all boards show the same picture, also that of a member who comes later, and each member erases its own strokes only', async () => {
  const place = await openPlace()
  const [alice, bob] = [await place.board('Alice'), await place.board('Bob')]
  draw(alice, [10, 10, 60, 60, 90, 20])
  Object.assign(alice.board, { ink: 2, width: 40 })
  draw(alice, [50, 10, 50, 80])
  await expect.poll(() => bob.board.size).toBe(2)
  draw(bob, [5, 70, 110, 70])
  await expect.poll(() => alice.board.size).toBe(3)
  await sameAs(alice, bob)
  bob.board.clear()
  await expect.poll(() => alice.board.size).toBe(2)
  alice.board.undo()
  await expect.poll(() => bob.board.size).toBe(1)
  draw(bob, [5, 30, 110, 30])
  await expect.poll(() => alice.board.size).toBe(2)
  await bob.room.leave()
  const carol = await place.board('Carol')
  await expect.poll(() => carol.board.size).toBe(2)
  await sameAs(alice, carol)
  expect(picture(carol)).not.toBe(picture(await place.blank()))
})

test('[R176, R177] a hostile member changes nothing of what others drew, puts nothing into the document, and fills its own part of a board only', async () => {
  const place = await openPlace()
  const mallory = await place.join('<img src="x" onerror="alert(1)">')
  const strokes = await mallory.topic('whiteboard')
  const [alice, bob] = [await place.board('Alice'), await place.board('Bob')]
  draw(alice, [10, 10, 60, 60])
  await expect.poll(() => bob.board.size).toBe(1)
  const elements = document.querySelectorAll('*').length
  await expect.poll(() => strokes.participants.length).toBe(2)
  const good = { number: 0, at: 0, order: 1, ink: 0, width: 6, points: [1, 1] }
  const own: unknown[] = []
  strokes.handle(() => ({
    own,
    others: [{ author: alice.room.self.id, stroke: { ...good, number: 7 } }],
  }))
  for (const wrong of [
    ...[null, 1, 'stroke', [], {}, { ...good, points: [1] }, { ...good, points: [] }],
    ...[
      { ...good, points: ['<b>', 1] },
      { ...good, ink: 'url(//x)' },
      { ...good, ink: 6 },
    ],
    ...[
      { ...good, points: [-1, 2 ** 60] },
      { ...good, width: 101 },
      { ...good, order: 2 ** 60 },
    ],
    ...[
      { ...good, points: Array(4098).fill(1) },
      { ...good, at: 4 },
    ],
    ...[{ erase: [0] }, { erase: [0, -1] }, { erase: 'all' }, { isStale: 1 }],
    ...[{ isStale: true }, { erase: [0, 99] }],
  ]) {
    await strokes.send(wrong)
  }
  const say = async (stroke: unknown): Promise<void> => {
    own.push(stroke)
    await strokes.send(stroke)
  }
  await say({ ...good, number: 8 })
  await expect.poll(() => bob.board.size).toBe(2)
  for (let number = 100; number < 140; number += 1) {
    await say({ ...good, number, order: 2 ** 50, points: Array(4096).fill(number) })
  }
  await say({ ...good, number: 999 })
  draw(bob, [5, 70, 110, 70])
  // A full board has 100,000 numbers: the newest of the flood, her last dot, and what the others drew.
  await expect.poll(() => [alice.board.size, bob.board.size]).toEqual([FULL, FULL])
  expect(document.querySelectorAll('*').length).toBe(elements)
  alice.board.clear()
  bob.board.clear()
  await expect.poll(() => [alice.board.size, bob.board.size]).toEqual([FULL - 2, FULL - 2])
})

/** Two strokes of honest members, and as many of the flood as then find space. */
const FULL = 27

interface Member {
  readonly room: Room
  readonly board: Whiteboard
  readonly canvas: HTMLCanvasElement
}

async function openPlace() {
  const { join, leave } = await localRoom()
  onTestFinished(leave)
  const board = async (name: string): Promise<Member> => {
    const canvas = document.createElement('canvas')
    canvas.style.cssText = 'display: block; width: 120px; height: 90px'
    // Events of a test come from no pointer that could be captured.
    canvas.setPointerCapture = () => {}
    document.body.append(canvas)
    onTestFinished(() => canvas.remove())
    const room = await join(name)
    return { room, canvas, board: await whiteboard(room, canvas) }
  }
  return { join, board, blank: () => board('Blank').then(empty) }
}

/** Draws as a pointer does, from point to point in pixels of the canvas. */
function draw({ canvas }: Member, points: readonly number[]): void {
  const { left, top } = canvas.getBoundingClientRect()
  const fire = (type: string, x = 0, y = 0): void => {
    const place = { clientX: left + x, clientY: top + y, isPrimary: true, button: 0 }
    canvas.dispatchEvent(new PointerEvent(type, place))
  }
  fire('pointerdown', points[0], points[1])
  for (let at = 2; at < points.length; at += 2) fire('pointermove', points[at], points[at + 1])
  fire('pointerup')
  fire('pointerleave')
}

const picture = ({ canvas }: Member): string => canvas.toDataURL()

const empty = (member: Member): Member => {
  member.canvas.getContext('2d')?.reset()
  return member
}

/** Cursors fade: the boards are compared when no one points. */
const sameAs = async (one: Member, other: Member): Promise<void> => {
  await expect.poll(() => picture(one) === picture(other)).toBe(true)
}
