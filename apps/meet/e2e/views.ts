/**
 * The windows in which every screen of the app is looked at: sizes, zoom, colours and directions of writing.
 *
 * @module
 */
import type { Page } from './browsers/page.ts'

/** A window as a person may have it. */
export interface View {
  /** Names the view in messages and files. */
  readonly name: string
  /** CSS pixels: zoom makes a window smaller. */
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
  readonly direction: 'ltr' | 'rtl'
  /** How much larger than usual the person has set the text, in percent. */
  readonly textPercent: number
}

const WINDOWS = [
  { name: 'phone', width: 360, height: 740 },
  { name: 'phone-text-200', width: 360, height: 740, textPercent: 200 },
  { name: 'laptop-100', width: 1280, height: 800 },
  { name: 'laptop-200', width: 640, height: 400 },
  { name: 'laptop-400', width: 320, height: 200 },
  { name: 'wide-100', width: 1920, height: 1080 },
  { name: 'wide-200', width: 960, height: 540 },
  { name: 'wide-400', width: 480, height: 270 },
] as const

/** Colours move nothing and directions colour nothing, so two looks of each window cover all four. */
const LOOKS = [
  { scheme: 'light', direction: 'ltr' },
  { scheme: 'dark', direction: 'rtl' },
] as const

/** Every view, those of one look together. */
export const VIEWS: readonly View[] = LOOKS.flatMap((look) =>
  WINDOWS.map(({ name, ...window }) => ({
    textPercent: 100,
    ...window,
    ...look,
    name: `${name}-${look.scheme}-${look.direction}`,
  })),
)

/** Gives a page this view, prepares it there, and waits until everything stands in its place. */
export async function show(
  page: Page,
  view: View,
  prepare?: (page: Page) => Promise<void>,
): Promise<void> {
  await page.setColorScheme(view.scheme)
  await page.setViewport(view.width, view.height)
  await page.evaluate(arrange, view)
  if (prepare === undefined) return
  await prepare(page)
  await page.evaluate(arrange, view)
}

// Runs in the page and must not refer to anything outside of itself.
async function arrange({ direction, textPercent }: View): Promise<void> {
  const root = document.documentElement
  root.dir = direction
  root.style.fontSize = textPercent === 100 ? '' : `${textPercent}%`
  scrollTo(0, 0)
  const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))
  await frame()
  await frame()
  await Promise.all(
    document.getAnimations().map((animation) => animation.finished.catch(() => undefined)),
  )
}
