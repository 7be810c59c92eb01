/** A part of the picture, in pixels. */
export interface Tile {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The size of something, in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Equal tiles for so many pictures, in rows: with as many columns as make the tiles largest for pictures of 16 to 9. spec Q13 */
export function gridOf(count: number, { width, height }: Size): readonly Tile[] {
  if (count === 0) return []
  const widthWith = (columns: number): number => {
    const rows = Math.ceil(count / columns)
    return Math.min(width / columns, ((height / rows) * 16) / 9)
  }
  let columns = 1
  for (let more = 2; more <= count; more += 1) {
    if (widthWith(more) >= widthWith(columns)) columns = more
  }
  const rows = Math.ceil(count / columns)
  const [tileWidth, tileHeight] = [Math.floor(width / columns), Math.floor(height / rows)]
  return Array.from({ length: count }, (_, at) => ({
    x: (at % columns) * tileWidth,
    y: Math.floor(at / columns) * tileHeight,
    width: tileWidth,
    height: tileHeight,
  }))
}

/** The largest part of a tile with the proportions of a picture, in its middle. */
export function fitInto(tile: Tile, { width, height }: Size): Tile {
  const scale = Math.min(tile.width / width, tile.height / height)
  const [fitWidth, fitHeight] = [Math.round(width * scale), Math.round(height * scale)]
  return {
    x: tile.x + Math.floor((tile.width - fitWidth) / 2),
    y: tile.y + Math.floor((tile.height - fitHeight) / 2),
    width: fitWidth,
    height: fitHeight,
  }
}
