/**
 * Keeps the screen on during a call, where the browser can.
 *
 * @module
 */

/** Holds the screen awake while the page is visible; returns how to let go. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined
  let released = false
  const acquire = async (): Promise<void> => {
    if (released || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    try {
      const got = await navigator.wakeLock.request('screen')
      if (released) await got.release()
      else lock = got
    } catch {}
  }
  const onVisible = (): void => void acquire()
  document.addEventListener('visibilitychange', onVisible)
  void acquire()
  return () => {
    released = true
    document.removeEventListener('visibilitychange', onVisible)
    void lock?.release().catch(() => undefined)
  }
}
