/**
 * The end of a helper program in plain JavaScript: the last line of its output is a JSON array of complaints.
 *
 * @module
 */

/** The complaints, or one that holds the whole output when the program ended without them. */
export function parseComplaints(output: string): string[] {
  try {
    return JSON.parse(output.trim().split('\n').at(-1) ?? '')
  } catch {
    return [`the program ended with: ${output}`]
  }
}
