/**
 * The page itself: its address, clipboard and storage.
 *
 * @module
 */
import type { PagePort } from '../state/page-port.ts'
import type { KeyValueStore } from '../state/preferences.ts'

/** Makes the port of this page, of the app at `base`. */
export function createPagePort(base: string): PagePort {
  return {
    base,
    serverWasAway: document.documentElement.dataset['server'] === 'away',
    wasReloaded: navigationType() === 'reload',
    href: () => location.href,
    push: (path) => history.pushState(undefined, '', path),
    replace: (href) => history.replaceState(undefined, '', href),
    isHeld,
    holdBack() {
      if (!isHeld()) history.pushState(HELD, '', location.href)
    },
    releaseBack() {
      if (isHeld()) history.back()
    },
    onMoved(handler) {
      addEventListener('popstate', handler)
      addEventListener('hashchange', handler)
      return () => {
        removeEventListener('popstate', handler)
        removeEventListener('hashchange', handler)
      }
    },
    async copy(text) {
      try {
        await navigator.clipboard.writeText(text)
        return true
      } catch {
        return false
      }
    },
  }
}

/** Storage of this origin or, where the browser forbids it, one that forgets with the page. */
export function openStore(kind: 'localStorage' | 'sessionStorage'): KeyValueStore {
  try {
    return window[kind]
  } catch {
    const entries = new Map<string, string>()
    return {
      getItem: (key) => entries.get(key) ?? null,
      setItem: (key, value) => void entries.set(key, value),
      removeItem: (key) => void entries.delete(key),
    }
  }
}

const HELD = 'conclave.held'

const isHeld = (): boolean => history.state === HELD

const navigationType = (): string | undefined => {
  const [entry] = performance.getEntriesByType('navigation')
  return entry instanceof PerformanceNavigationTiming ? entry.type : undefined
}
