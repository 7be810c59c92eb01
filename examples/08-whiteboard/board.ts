/** The strokes on a board, and the checks of everything that others say about them. */

/** The board in its own units: a canvas of this shape shows all of it at any size. */
export const WIDTH = 1600
export const HEIGHT = 1200
export const INKS: readonly string[] = [
  '#1d2433',
  '#d1373f',
  '#1f6feb',
  '#16823c',
  '#b35900',
  '#8250df',
]
/** The most that a board keeps: what is more costs whoever has most on it the oldest stroke. In an answer all of it is below 1 MiB. */
const MAX_COST = 100_000
const STROKE_COST = 40
const MAX_NUMBERS = 4096

export type Point = readonly [x: number, y: number]
/** Where somebody points, or nowhere. */
export type Cursor = Point | null

/** A stroke, or what follows its first `at` numbers. */
export interface Piece {
  /** Counts the strokes of its author. */
  readonly number: number
  readonly at: number
  /** All draw the strokes in this order, so that all boards look alike. */
  readonly order: number
  readonly ink: number
  readonly width: number
  /** x, y, x, y … */
  readonly points: readonly number[]
}

/** Erases the strokes of its sender between two numbers. */
export interface Erasure {
  readonly erase: readonly [from: number, to: number]
}

/** Its sender could not reach the receiver for a while. */
export interface Stale {
  readonly isStale: true
}

/** The strokes of the one who answers, and of authors who left. */
export interface Answer {
  readonly own: readonly Piece[]
  readonly others: readonly { readonly author: string; readonly stroke: Piece }[]
}

/** A stroke on this board, and how much of it was sent. */
export interface Stroke extends Piece {
  readonly author: string
  readonly points: number[]
  told: number
}

/** The strokes of everybody, in bounded memory. */
export class Board {
  readonly #strokes = new Map<string, Stroke>()
  readonly #costs = new Map<string, number>()
  #total = 0
  #order = 0

  /** Adds a stroke, or more of one. What does not follow what is there comes with the answer of its author. */
  add(author: string, { number, at, ...piece }: Piece): Stroke | undefined {
    const key = `${author} ${number}`
    const known = this.#strokes.get(key)
    this.#order = Math.max(this.#order, piece.order)
    if ((known?.points.length ?? 0) !== at) return undefined
    const stroke: Stroke = known ?? { ...piece, author, number, at, points: [], told: 0 }
    if (known === undefined) {
      this.#strokes.set(key, stroke)
      this.#pay(author, STROKE_COST)
    }
    this.extend(stroke, piece.points)
    return stroke
  }

  /** Makes a stroke longer; `false` when it is full, or not there any longer. */
  extend(stroke: Stroke, points: readonly number[]): boolean {
    const { author, number } = stroke
    if (this.#strokes.get(`${author} ${number}`) !== stroke) return false
    if (stroke.points.length + points.length > MAX_NUMBERS) return false
    stroke.points.push(...points)
    this.#pay(author, points.length)
    while (this.#total > MAX_COST) this.#dropOldest()
    return true
  }

  erase(author: string, [from, to]: Erasure['erase']): void {
    for (const [key, stroke] of [...this.#strokes]) {
      const { number } = stroke
      if (stroke.author === author && number >= from && number <= to) this.#remove(key, stroke)
    }
  }

  inOrder(): Stroke[] {
    return [...this.#strokes.values()].toSorted(
      (left, right) => left.order - right.order || (left.author < right.author ? -1 : 1),
    )
  }

  nextOrder(): number {
    return Math.min(this.#order + 1, MAX_ORDER)
  }

  /** The next piece of an author's strokes that was not sent. */
  takeUntold(author: string): Piece | undefined {
    for (const stroke of this.#strokes.values()) {
      const { told: at, points } = stroke
      if (stroke.author !== author || at === points.length) continue
      stroke.told = points.length
      return { ...toPiece(stroke), at, points: points.slice(at) }
    }
    return undefined
  }

  #pay(author: string, cost: number): void {
    this.#total += cost
    const sum = (this.#costs.get(author) ?? 0) + cost
    if (sum === 0) this.#costs.delete(author)
    else this.#costs.set(author, sum)
  }

  #remove(key: string, { author, points }: Stroke): void {
    if (this.#strokes.delete(key)) this.#pay(author, -points.length - STROKE_COST)
  }

  #dropOldest(): void {
    const [most] = [...this.#costs].toSorted(([, left], [, right]) => right - left)[0] ?? []
    const oldest = [...this.#strokes].find(([, { author }]) => author === most)
    if (oldest !== undefined) this.#remove(...oldest)
  }
}

export const toPiece = ({ number, order, ink, width, points }: Stroke): Piece => ({
  ...{ number, at: 0, order, ink, width, points },
})

// Members may be hostile: nothing else comes in.
const MAX_ORDER = 2 ** 50
const isUpTo = (most: number, value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most
export const isCursor = (value: unknown): value is Cursor =>
  value === null || (isPoints(value) && value.length === 2)
const isPoints = (value: unknown): value is readonly number[] & Point =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MAX_NUMBERS &&
  value.length % 2 === 0 &&
  value.every((each) => isUpTo(WIDTH, each))
const isPiece = (value: unknown): value is Piece => {
  const { number, at, order, ink, width, points } = Object(value) as Record<keyof Piece, unknown>
  const isNumbered = isUpTo(2 ** 32, number) && isUpTo(MAX_NUMBERS, at) && isUpTo(MAX_ORDER, order)
  return isNumbered && isUpTo(INKS.length - 1, ink) && isUpTo(100, width) && isPoints(points)
}
export const isValue = (value: unknown): value is Piece | Erasure | Stale => {
  const { erase, isStale } = Object(value) as { erase?: unknown; isStale?: unknown }
  if (isStale !== undefined) return isStale === true
  if (erase === undefined) return isPiece(value)
  return Array.isArray(erase) && erase.length === 2 && erase.every((each) => isUpTo(2 ** 32, each))
}
export const isAnswer = (value: unknown): value is Answer => {
  const { own, others } = Object(value) as { own?: unknown; others?: unknown }
  return (
    Array.isArray(own) &&
    own.every(isPiece) &&
    Array.isArray(others) &&
    others.every((each: unknown) => {
      const { author, stroke } = Object(each) as { author?: unknown; stroke?: unknown }
      return typeof author === 'string' && author.length <= 64 && isPiece(stroke)
    })
  )
}
