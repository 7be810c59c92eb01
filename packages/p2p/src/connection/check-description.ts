/**
 * A look at the other side's description before the platform reads it, which costs time for each section.
 *
 * @module
 */
import { MAX_TRACKS } from '../signalling/messages.ts'

/** Most sections of a description: one for each track, and one for data. spec S115 */
export const MAX_SECTIONS: number = MAX_TRACKS + 1
/** Most lines of a section: browsers write about 150 with all their codecs. spec S115 */
export const MAX_SECTION_LINES = 400

/**
 * The description without the candidates that `takes` refuses; `undefined` if it has more sections, or more lines in one, than the
 * platform is to read. spec S115, S116
 */
export function checkDescription(
  sdp: string,
  takes: (candidate: string) => boolean,
): string | undefined {
  const lines = sdp.split(/^m=/m).map((part) => part.split(/\r\n?|\n/).length)
  if (lines.length > MAX_SECTIONS + 1) return undefined
  if (Math.max(...lines) > MAX_SECTION_LINES + 1) return undefined
  return sdp.replaceAll(/^a=(candidate:.*)\s*/gm, (line, candidate: string) =>
    takes(candidate) ? line : '',
  )
}
