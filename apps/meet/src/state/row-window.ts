/**
 * The rows of a long list that are drawn: those in sight and a screen more on either side. Rows have any height, and
 * the ones that were never drawn have an assumed one.
 *
 * @module
 */

/** A place in the list that stays while rows come, go and change: a row, and a distance below its top. */
export interface Anchor {
  readonly id: string
  readonly offset: number
}

/** The drawn rows, from `first` to before `end`, and the space that the others take, in CSS pixels. */
export interface RowRange {
  readonly first: number
  readonly end: number
  readonly before: number
  readonly after: number
}

/** The heights of all rows, in order. */
export class RowWindow {
  readonly #heights = new Map<string, number>()
  #ids: readonly string[] = []

  /** Takes the rows in their order, and forgets those that are gone. */
  follow(ids: readonly string[]): void {
    if (ids === this.#ids) return
    this.#ids = ids
    if (this.#heights.size <= ids.length) return
    const present = new Set(ids)
    for (const id of this.#heights.keys()) if (!present.has(id)) this.#heights.delete(id)
  }

  /** Notes the height of a row that is drawn. */
  measure(id: string, height: number): void {
    this.#heights.set(id, height)
  }

  /** The height of all rows together. */
  get height(): number {
    return this.#ids.reduce((sum, id) => sum + this.#heightOf(id), 0)
  }

  /** The rows to draw where a window of this height begins at `top`. */
  rangeAt(top: number, height: number): RowRange {
    const around = Math.max(height, LEAST_AROUND)
    let first = 0
    let before = 0
    for (; first < this.#ids.length; first += 1) {
      const next = before + this.#heightOf(this.#ids[first] ?? '')
      if (next > top - around) break
      before = next
    }
    let end = first
    let bottom = before
    for (; end < this.#ids.length && bottom < top + height + around; end += 1) {
      bottom += this.#heightOf(this.#ids[end] ?? '')
    }
    return { first, end, before, after: this.height - bottom }
  }

  /** The row at a height, and the distance of that height below its top; `undefined` without rows. */
  anchorAt(top: number): Anchor | undefined {
    let offset = top
    for (const id of this.#ids) {
      const height = this.#heightOf(id)
      if (offset < height) return { id, offset }
      offset -= height
    }
    const last = this.#ids.at(-1)
    return last === undefined ? undefined : { id: last, offset: this.#heightOf(last) }
  }

  /** The height of an anchor; 0 when its row is gone, which happens to the oldest. */
  topOf(anchor: Anchor): number {
    let top = 0
    for (const id of this.#ids) {
      if (id === anchor.id) return top + anchor.offset
      top += this.#heightOf(id)
    }
    return 0
  }

  #heightOf(id: string): number {
    return this.#heights.get(id) ?? ASSUMED_HEIGHT
  }
}

/** Least height that is drawn beyond each end of the window, so that small windows scroll without gaps. */
const LEAST_AROUND = 400

/** About two lines of text. */
const ASSUMED_HEIGHT = 64
