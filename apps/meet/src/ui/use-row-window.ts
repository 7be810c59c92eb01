/**
 * Scrolling through a long list of which only a part is in the page. The reader's place is a row, not a number of
 * pixels: it stays when rows above it turn out higher than assumed, when the panel changes its width, and under zoom.
 *
 * @module
 */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type Anchor, type RowRange, RowWindow } from '../state/row-window.ts'

/** A list that scrolls; every drawn row names itself in `data-row`. */
export interface RowScroll {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly list: RefObject<HTMLDivElement | null>
  readonly range: RowRange
  /** Whether the newest row is in sight; it then stays in sight. */
  readonly isAtEnd: ReadonlySignal<boolean>
  /** Must be called when the list has scrolled. */
  readonly onScroll: () => void
  /** Goes to the newest row. */
  readonly toEnd: () => void
}

/** Follows rows, newest last; begins at the end. */
export function useRowWindow(ids: readonly string[]): RowScroll {
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => new RowWindow(), [])
  const place = useRef<Anchor | 'end'>('end')
  const isAtEnd = useSignal(true)
  const redraws = useSignal(0)
  rows.follow(ids)

  const rangeNow = (): RowRange => {
    const height = scroller.current?.clientHeight ?? FIRST_HEIGHT
    const at = place.current
    return rows.rangeAt(at === 'end' ? rows.height - height : rows.topOf(at), height)
  }
  // Reading it makes a redraw follow each change.
  void redraws.value
  const range = rangeNow()
  const drawn = useRef(range)
  drawn.current = range

  const redrawIfMoved = (): void => {
    const { first, end } = rangeNow()
    if (first === drawn.current.first && end === drawn.current.end) return
    keepFocus(scroller.current, list.current, ids.slice(first, end))
    redraws.value += 1
  }
  const settle = (): void => {
    const log = scroller.current
    if (log === null || list.current === null) return
    for (const row of list.current.children) {
      if (!(row instanceof HTMLElement)) continue
      rows.measure(row.dataset['row'] ?? '', row.getBoundingClientRect().height)
    }
    redrawIfMoved()
    const at = place.current
    const top =
      at === 'end' ? log.scrollHeight - log.clientHeight : list.current.offsetTop + rows.topOf(at)
    // Smaller steps are roundings, and setting the place stops a scroll that is under way.
    if (Math.abs(log.scrollTop - top) > 1) log.scrollTop = top
  }
  useLayoutEffect(settle)
  const latestSettle = useRef(settle)
  latestSettle.current = settle
  useEffect(() => {
    const observer = new ResizeObserver(() => latestSettle.current())
    for (const { current } of [scroller, list]) if (current !== null) observer.observe(current)
    return () => observer.disconnect()
  }, [ids.length === 0])

  return {
    scroller,
    list,
    range,
    isAtEnd,
    onScroll() {
      const log = scroller.current
      if (log === null || list.current === null) return
      isAtEnd.value = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END
      place.current = isAtEnd.value
        ? 'end'
        : (rows.anchorAt(log.scrollTop - list.current.offsetTop) ?? 'end')
      redrawIfMoved()
    },
    toEnd() {
      place.current = 'end'
      isAtEnd.value = true
      redraws.value += 1
    },
  }
}

/** A focus inside of a row that leaves the page goes to the list, so that keys still scroll it. */
const keepFocus = (
  scroller: HTMLElement | null,
  list: HTMLElement | null,
  ids: readonly string[],
): void => {
  const { activeElement } = document
  if (activeElement === null || list === null || !list.contains(activeElement)) return
  const row = activeElement.closest<HTMLElement>('[data-row]')?.dataset['row'] ?? ''
  if (!ids.includes(row)) scroller?.focus({ preventScroll: true })
}

/** Distance from the end that still counts as the end, in CSS pixels. */
const NEAR_END = 60

/** Assumed height of the window before it is laid out. */
const FIRST_HEIGHT = 800
