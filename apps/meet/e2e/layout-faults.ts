/**
 * Finds what nobody can read or press in a page as it is laid out now.
 *
 * @module
 */
import type { Page } from './browsers/page.ts'

/** One sentence for each fault; none when everything is within reach. */
export async function findLayoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(inspect, null)
}

// Runs in the page and must not refer to anything outside of itself.
function inspect(): string[] {
  const faults: string[] = []
  const root = document.documentElement
  if (root.scrollWidth > innerWidth) {
    faults.push(`the page is ${root.scrollWidth} pixels wide and the window ${innerWidth}`)
  }
  const top = [...document.querySelectorAll('dialog[open], :popover-open')].at(-1) ?? document.body
  const isVisible = (element: Element): boolean =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.closest('.visually-hidden') === null
  const nameOf = (element: Element): string =>
    `${element.localName} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}"`
  // The controls of a call must be in sight; a page, a panel and a dialog may scroll to theirs.
  const isScrollable = (element: Element): boolean => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const { overflowY } = getComputedStyle(at)
      if ((overflowY === 'auto' || overflowY === 'scroll') && at.scrollHeight > at.clientHeight) {
        return true
      }
      if (overflowY === 'hidden' && at.scrollHeight > at.clientHeight + 1) return false
    }
    return root.scrollHeight > innerHeight
  }
  const selector =
    'button, a[href], input, select, textarea, summary, h1, h2, h3, .tile-name, .hint, .invitation'
  for (const element of top.querySelectorAll(selector)) {
    if (!isVisible(element)) continue
    if (isScrollable(element)) element.scrollIntoView({ block: 'center', inline: 'nearest' })
    const box = element.getBoundingClientRect()
    if (box.width < 2 || box.height < 2) continue
    if (box.left < -1 || box.right > innerWidth + 1) {
      faults.push(`${nameOf(element)} reaches over the side of the window`)
    }
    if (!isScrollable(element) && (box.top < -1 || box.bottom > innerHeight + 1)) {
      faults.push(`${nameOf(element)} reaches over the end of the window`)
    }
    const middle = Math.min(Math.max((box.top + box.bottom) / 2, 1), innerHeight - 1)
    for (const share of [0.06, 0.5, 0.94]) {
      const hit = document.elementFromPoint(box.left + box.width * share, middle)
      // Rounded ends belong to what lies behind them.
      const isOwn = hit === null || element.contains(hit) || hit.contains(element)
      if (!isOwn) faults.push(`${nameOf(element)} lies under ${nameOf(hit)} (${hit.className})`)
    }
    const { overflowX, textOverflow } = getComputedStyle(element)
    const isCut = element.scrollWidth > element.clientWidth + 1 && textOverflow !== 'ellipsis'
    if (isCut && element.clientWidth > 0 && !element.matches('input, textarea, select')) {
      faults.push(`${nameOf(element)} is wider than its box (${overflowX})`)
    }
  }
  const boxOf = (selector: string): DOMRect | undefined =>
    top.querySelector(selector)?.getBoundingClientRect()
  for (const icon of top.querySelectorAll('.control-sign .icon')) {
    const [inner, outer] = [icon, icon.parentElement ?? icon].map((it) =>
      it.getBoundingClientRect(),
    )
    if (inner && outer && isVisible(icon) && inner.height > outer.height * 0.75) {
      faults.push(`the sign of ${nameOf(icon.closest('button') ?? icon)} fills its button`)
    }
  }
  for (const body of [...top.querySelectorAll('.dialog-body')].filter(isVisible)) {
    const end = body.getBoundingClientRect()
    const { paddingLeft, paddingRight } = getComputedStyle(body)
    for (const child of body.children) {
      const { left, right } = child.getBoundingClientRect()
      const isWithin =
        left >= end.left + parseFloat(paddingLeft) - 1 &&
        right <= end.right - parseFloat(paddingRight) + 1
      if (!isWithin) faults.push(`${nameOf(child)} is wider than the dialog`)
    }
  }
  const [state, copy] = [boxOf('.protection-button'), boxOf('.call-header .copy-link')]
  if (state && copy && Math.abs(state.top + state.bottom - copy.top - copy.bottom) > 4) {
    faults.push('the signs of the header are not in one line')
  }
  const [look, join, devices] = [
    'look > :nth-last-child(1 of :not(:empty))',
    'join',
    'devices',
  ].map((it) => boxOf(`.lobby-${it}`))
  if (look && join && devices && join.left !== look.left && devices.width === look.width) {
    const gap = devices.top - look.bottom
    if (gap > 32) faults.push(`${gap} empty pixels between the preview and the devices`)
  }
  const notices = [...document.querySelectorAll('.notice')].filter(isVisible)
  for (const notice of notices) {
    const a = notice.getBoundingClientRect()
    for (const element of top.querySelectorAll(`${selector}, .tile, .avatar, video`)) {
      const b = element.getBoundingClientRect()
      const isApart =
        a.bottom <= b.top || b.bottom <= a.top || a.right <= b.left || b.right <= a.left
      if (!isApart && isVisible(element)) faults.push(`a notice lies on ${nameOf(element)}`)
    }
    if (a.left < 0 || a.right > innerWidth) faults.push('a notice reaches over the side')
  }
  const log = document.querySelector('[role="log"]')
  if (log !== null && isVisible(log) && log.clientHeight < 48) {
    faults.push(`only ${log.clientHeight} pixels of the conversation are in sight`)
  }
  for (const element of document.querySelectorAll('*')) {
    const { overflowX } = getComputedStyle(element)
    if (overflowX === 'hidden' && element.scrollLeft !== 0) {
      faults.push(`${nameOf(element)} was pushed aside`)
    }
  }
  scrollTo(0, 0)
  return faults
}
