import type { Hub } from '../hub.ts'

/** Handles something that a connection sent: an exception ends that connection only, and is counted and logged as a failure. spec H70 */
export function contained(
  handle: () => void,
  { hub, destroy }: { readonly hub: Hub; readonly destroy: () => void },
): void {
  try {
    handle()
  } catch {
    hub.log({ event: 'failed', part: 'http' })
    destroy()
  }
}
