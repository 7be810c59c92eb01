/**
 * Where each tile of a call stands. A pure function of the size and the order, so that tiles move
 * only when somebody comes, goes or shares.
 *
 * @module
 */

/** A rectangle in CSS pixels; `start` is the distance from the inline start (left, or right in RTL). */
export interface Box {
  readonly start: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** The tiles to place: people in the order in which they joined, self among them, and shared screens. */
export interface StageContent {
  readonly people: readonly string[]
  readonly self: string
  readonly screens: readonly Screen[]
}

/** A shared screen; `ratio` is its width divided by its height, where it is known. */
export interface Screen {
  readonly id: string
  readonly ratio: number | undefined
}

/** The places, by id; `corner` says that the self tile lies over the other one. */
export interface StagePlan {
  readonly people: ReadonlyMap<string, Box>
  readonly screens: ReadonlyMap<string, Box>
  readonly corner: boolean
}

/** Space between tiles, in CSS pixels. */
const TILE_GAP = 12

/** Places everybody: two people as one picture with a corner, more as a grid, screens in the large part. */
export function planStage(
  content: StageContent,
  size: { readonly width: number; readonly height: number },
): StagePlan {
  const whole: Box = { start: 0, top: 0, ...size }
  const { people, screens, self } = content
  if (size.width <= 0 || size.height <= 0) return EMPTY_PLAN
  if (screens.length > 0) {
    const ratioById = new Map(screens.map(({ id, ratio }) => [id, clampRatio(ratio)]))
    const ratios = [...ratioById.values()]
    const shape: Shape = { min: Math.min(...ratios), max: Math.max(...ratios) }
    const [large, small] = splitForScreens(whole, screens.length, shape)
    const cells = placeGrid([...ratioById.keys()], large, shape)
    return {
      screens: new Map(
        [...cells].map(([id, cell]) => [id, fitInto(cell, ratioById.get(id) ?? SCREEN_RATIO)]),
      ),
      people: placeGrid(people, small, SMALL_SHAPE),
      corner: false,
    }
  }
  const other = people.find((id) => id !== self)
  if (people.length === 2 && other !== undefined && people.includes(self)) {
    return { screens: new Map(), people: placePair({ other, self }, whole), corner: true }
  }
  return {
    screens: new Map(),
    people: placeGrid(people, whole, people.length < 3 ? FEW_SHAPE : PERSON_SHAPE),
    corner: false,
  }
}

/** Limits of width divided by height. */
interface Shape {
  readonly min: number
  readonly max: number
}

const FEW_SHAPE: Shape = { min: 0.6, max: 16 / 9 }
const PERSON_SHAPE: Shape = { min: 0.8, max: 16 / 9 }
const SMALL_SHAPE: Shape = { min: 1, max: 16 / 9 }

/** The shape of a screen that has not been seen yet. */
const SCREEN_RATIO = 16 / 9

/** A window may be shared whose shape would leave nothing to see. */
const clampRatio = (ratio: number = SCREEN_RATIO): number => Math.min(4, Math.max(0.4, ratio))

/** The largest box of this shape in the middle of a cell. */
const fitInto = (cell: Box, ratio: number): Box => {
  const width = Math.min(cell.width, cell.height * ratio)
  const height = width / ratio
  return {
    start: cell.start + (cell.width - width) / 2,
    top: cell.top + (cell.height - height) / 2,
    width,
    height,
  }
}

const EMPTY_PLAN: StagePlan = { people: new Map(), screens: new Map(), corner: false }

const splitForScreens = (whole: Box, screens: number, shape: Shape): readonly [Box, Box] => {
  if (whole.width > whole.height) {
    const strip = Math.min(240, Math.max(120, whole.width * 0.22))
    const width = whole.width - strip - TILE_GAP
    return [
      { ...whole, width },
      { ...whole, start: whole.start + width + TILE_GAP, width: strip },
    ]
  }
  const strip = Math.max(104, whole.height * 0.3)
  // Upright, a screen is as wide as the stage; what its shape leaves over goes to the people.
  const needed = screens * (whole.width / shape.min + TILE_GAP) - TILE_GAP
  const height = Math.min(needed, whole.height - strip - TILE_GAP)
  const top = whole.top + height + TILE_GAP
  return [
    { ...whole, height },
    { ...whole, top, height: whole.height - height - TILE_GAP },
  ]
}

const placePair = (
  ids: { readonly other: string; readonly self: string },
  whole: Box,
): ReadonlyMap<string, Box> => {
  const upright = whole.height > whole.width
  const shape = upright ? 3 / 4 : 16 / 9
  const wanted = Math.min(260, Math.max(upright ? 104 : 140, whole.width * 0.2))
  // At high zoom the stage is so small that the corner would cover the other person.
  const width = Math.round(Math.min(wanted, whole.width / 2, (whole.height / 2) * shape))
  const height = Math.round(width / shape)
  const inset = TILE_GAP
  return new Map([
    [ids.other, whole],
    [
      ids.self,
      {
        start: whole.start + whole.width - width - inset,
        top: whole.top + whole.height - height - inset,
        width,
        height,
      },
    ],
  ])
}

const placeGrid = (ids: readonly string[], area: Box, shape: Shape): ReadonlyMap<string, Box> => {
  const boxes = new Map<string, Box>()
  if (ids.length === 0) return boxes
  const { columns, width, height } = largestTiles(ids.length, area, shape)
  const rows = Math.ceil(ids.length / columns)
  const used = rows * height + (rows - 1) * TILE_GAP
  ids.forEach((id, index) => {
    const row = Math.floor(index / columns)
    const inRow = row === rows - 1 ? ids.length - row * columns : columns
    const rowWidth = inRow * width + (inRow - 1) * TILE_GAP
    boxes.set(id, {
      start: area.start + (area.width - rowWidth) / 2 + (index % columns) * (width + TILE_GAP),
      top: area.top + (area.height - used) / 2 + row * (height + TILE_GAP),
      width,
      height,
    })
  })
  return boxes
}

const largestTiles = (
  count: number,
  area: Box,
  shape: Shape,
): { readonly columns: number; readonly width: number; readonly height: number } => {
  let best = { columns: 1, width: 0, height: 0 }
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns)
    const cellWidth = Math.max(0, (area.width - (columns - 1) * TILE_GAP) / columns)
    const cellHeight = Math.max(0, (area.height - (rows - 1) * TILE_GAP) / rows)
    const width = Math.min(cellWidth, cellHeight * shape.max)
    const height = Math.min(cellHeight, cellWidth / shape.min)
    if (width * height > best.width * best.height) best = { columns, width, height }
  }
  return best
}
