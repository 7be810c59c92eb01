import type { PipeOptions } from '../shared/protocol.ts'

/**
 * Called with each frame, before the pipe reads it and after; must copy what it keeps. For recording workers of
 * tests: the production worker passes none, and no message can install one. spec M27
 */
export type FrameRecorder = (
  point: 'encoder' | 'to-network' | 'from-network' | 'decoder',
  frame: { readonly data: Uint8Array; readonly options: PipeOptions },
) => void
