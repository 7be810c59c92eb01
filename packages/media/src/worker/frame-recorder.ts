/**
 * The opening for a recorder. The production worker passes none, and no message can install one (spec M27).
 *
 * @module
 */
import type { PipeOptions } from '../shared/protocol.ts'

/** Called with each frame, before the pipe looks at it and after; must copy what it keeps. */
export type FrameTap = (
  point: 'encoder' | 'to-network' | 'from-network' | 'decoder',
  frame: { readonly data: Uint8Array; readonly options: PipeOptions },
) => void
