/**
 * A shared whiteboard in any room: strokes over a reliable topic, cursors over an unreliable one, and a request by which people who come
 * later get the board. Nothing that others send reaches the document: it is numbers, and names, on a canvas. Copy this file and `board.ts`.
 */
import type { Room } from '@conclave/client'
import { Board, HEIGHT, INKS, isAnswer, isCursor, isValue, toPiece, WIDTH } from './board.ts'
import type { Answer, Cursor, Erasure, Point, Stroke } from './board.ts'

/** A whiteboard on a canvas. It ends with the room. */
export interface Whiteboard {
  /** The ink of the next stroke, 0 to 5: `--ink-0` to `--ink-5` in the canvas's style. */
  ink: number
  /** The width of the next stroke, in the board's units, 1 to 100. */
  width: number
  /** How many strokes are on the board. */
  readonly size: number
  /** Erases the last stroke of this session, for everyone. */
  undo(): void
  /** Erases all strokes of this session, for everyone. Nobody erases those of others. */
  clear(): void
  close(): Promise<void>
}

const MAX_WAITING_ERASURES = 100
const CURSOR_MS = 5000

/** Makes a canvas the whiteboard of a room. */
export async function whiteboard(room: Room, canvas: HTMLCanvasElement): Promise<Whiteboard> {
  const pencil = canvas.getContext('2d')
  if (pencil === null) throw new TypeError('"canvas" expected one that can be drawn on')
  const self = room.self.id
  const topic = await room.topic('whiteboard', { accepts: isValue })
  const pointers = await room.topic('whiteboard cursors', { reliable: false, accepts: isCursor })
  const board = new Board()
  const cursors = new Map<string, { readonly at: Point; readonly timer: number }>()
  const asked = new Set<string>()
  const erasures: Erasure[] = []
  const end = new AbortController()
  const isHere = (author: string): boolean =>
    author === self || Array.from(room.participants.keys(), String).includes(author)
  let next = 0
  let pen: Stroke | undefined
  let ownCursor: Cursor | undefined
  let isSending = false
  let frame = 0

  /** All that everybody has on the board, and where they point. */
  const draw = (): void => {
    frame = 0
    const { width, height } = canvas
    const style = getComputedStyle(canvas)
    const inkOf = (ink: number): string => style.getPropertyValue(`--ink-${ink}`) || `${INKS[ink]}`
    pencil.setTransform(width / WIDTH, 0, 0, height / HEIGHT, 0, 0)
    pencil.clearRect(0, 0, WIDTH, HEIGHT)
    pencil.lineCap = pencil.lineJoin = 'round'
    for (const { ink, width: lineWidth, points } of board.inOrder()) {
      Object.assign(pencil, { strokeStyle: inkOf(ink), lineWidth })
      pencil.beginPath()
      for (let at = 0; at < points.length; at += 2) {
        pencil.lineTo(points[at] ?? 0, points[at + 1] ?? 0)
      }
      // A dot is a line too.
      if (points.length === 2) pencil.lineTo(points[0] ?? 0, points[1] ?? 0)
      pencil.stroke()
    }
    const unit = WIDTH / canvas.clientWidth
    pencil.font = `${13 * unit}px system-ui, sans-serif`
    for (const { id, name } of room.participants.values()) {
      const { at: [x, y] = [] } = cursors.get(id) ?? {}
      if (x === undefined || y === undefined) continue
      pencil.fillStyle = inkOf(id.charCodeAt(0) % INKS.length)
      pencil.beginPath()
      pencil.arc(x, y, 5 * unit, 0, 2 * Math.PI)
      pencil.fill()
      pencil.fillText(name.slice(0, 24), x + 9 * unit, y + 4 * unit)
    }
  }
  const redraw = (): void => {
    if (frame === 0) frame = requestAnimationFrame(draw)
  }

  /** As much of the own strokes as is there is sent at once, and the rest when the room has taken it. */
  const send = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const cursor = ownCursor
      ownCursor = undefined
      if (cursor !== undefined) await pointers.send(cursor)
      const value = erasures.shift() ?? board.takeUntold(self)
      if (value !== undefined) for (const to of (await topic.send(value)).refused) void nudge(to)
      if (value === undefined && ownCursor === undefined) return
    }
  }
  const changed = (): void => {
    redraw()
    if (isSending) return
    isSending = true
    void send()
      // The room was left.
      .catch(() => {})
      .then(() => {
        isSending = false
      })
  }
  /** Somebody who could not keep up asks for the board as soon as this reaches them. */
  const nudge = async (to: ParticipantId): Promise<void> => {
    let isTold = false
    while (!isTold && topic.participants.includes(to)) {
      isTold = await topic.send({ isStale: true }, { to }).then(
        () => true,
        () => false,
      )
    }
  }

  /** Each tells its own strokes, in order with those that follow: no member draws in the name of somebody who is here. */
  const ask = async (from: ParticipantId): Promise<void> => {
    if (asked.has(from)) return
    asked.add(from)
    try {
      const answer = await topic.request('board', { to: from, signal: end.signal })
      if (!isAnswer(answer)) return
      board.erase(from, [0, Number.MAX_SAFE_INTEGER])
      for (const stroke of answer.own) board.add(from, stroke)
      for (const { author, stroke } of answer.others) {
        if (!isHere(author)) board.add(author, stroke)
      }
      redraw()
    } catch {
      // Whoever left, or does not answer, draws nothing here until it does.
    } finally {
      asked.delete(from)
    }
  }
  topic.handle((): Answer => {
    const strokes = board.inOrder()
    const own = strokes.filter(({ author }) => author === self).map(toPiece)
    const others = strokes.filter(({ author }) => !isHere(author))
    return { own, others: others.map((of) => ({ author: of.author, stroke: toPiece(of) })) }
  })
  topic.on('opened', ({ participant }) => void ask(participant))
  for (const participant of topic.participants) void ask(participant)
  topic.on('value', ({ from, value }) => {
    if ('isStale' in value) return void ask(from)
    if ('erase' in value) board.erase(from, value.erase)
    else board.add(from, value)
    redraw()
  })

  const pointAt = (from: ParticipantId, at: Cursor): void => {
    clearTimeout(cursors.get(from)?.timer)
    cursors.delete(from)
    if (at !== null) {
      const timer = window.setTimeout(() => pointAt(from, null), CURSOR_MS)
      cursors.set(from, { at, timer })
    }
    redraw()
  }
  pointers.on('value', ({ from, value }) => pointAt(from, value))
  pointers.on('closed', ({ participant }) => pointAt(participant, null))

  const erase = (from: number): void => {
    if (next === 0 || erasures.length >= MAX_WAITING_ERASURES) return
    const erasure: Erasure = { erase: [from, next - 1] }
    pen = undefined
    board.erase(self, erasure.erase)
    erasures.push(erasure)
    changed()
  }
  const made: Whiteboard = {
    ...{ ink: 0, width: 6 },
    get size() {
      return board.inOrder().length
    },
    undo() {
      const last = board.inOrder().findLast(({ author }) => author === self)
      if (last !== undefined) erase(last.number)
    },
    clear: () => erase(0),
    async close() {
      end.abort()
      cancelAnimationFrame(frame)
      for (const { timer } of cursors.values()) clearTimeout(timer)
      await Promise.all([topic.close(), pointers.close()])
    },
  }

  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    const x = Math.round(((event.clientX - left) / width) * WIDTH)
    const y = Math.round(((event.clientY - top) / height) * HEIGHT)
    return [Math.min(Math.max(x, 0), WIDTH), Math.min(Math.max(y, 0), HEIGHT)]
  }
  const begin = (points: Point): void => {
    const { ink, width } = made
    pen = board.add(self, { number: next, at: 0, order: board.nextOrder(), ink, width, points })
    next += 1
  }
  const listen = (types: string, hear: (event: PointerEvent) => void): void => {
    for (const type of types.split(' ')) {
      const handler = (event: Event): void => hear(event as PointerEvent)
      canvas.addEventListener(type, handler, { signal: end.signal })
    }
  }
  listen('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return
    canvas.setPointerCapture(event.pointerId)
    begin(pointOf(event))
    changed()
  })
  listen('pointermove', (event) => {
    if (!event.isPrimary) return
    ownCursor = pointOf(event)
    for (const each of pen === undefined ? [] : [...event.getCoalescedEvents(), event]) {
      const point = pointOf(each)
      const [x, y] = pen?.points.slice(-2) ?? []
      if (x === point[0] && y === point[1]) continue
      if (pen === undefined || !board.extend(pen, point)) begin(point)
    }
    changed()
  })
  listen('pointerup pointercancel', (event) => {
    if (event.isPrimary) pen = undefined
  })
  listen('pointerleave', () => {
    ownCursor = null
    changed()
  })
  const resized = new ResizeObserver(() => {
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio)
    canvas.height = Math.round((canvas.width * HEIGHT) / WIDTH)
    redraw()
  })
  resized.observe(canvas)
  const stopHearing = room.on('participantChanged', redraw)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, {
    signal: end.signal,
  })
  end.signal.addEventListener('abort', () => {
    resized.disconnect()
    stopHearing()
  })
  void room.closed.then(() => made.close())
  return made
}

type ParticipantId = Room['self']['id']
