import type { Hub } from '../hub.ts'

/** The answer to a question about the hub's health. */
export interface HealthAnswer {
  readonly status: 200 | 503
  readonly body: string
}

/** The paths of these questions. */
export const HEALTH_PATHS = ['/healthz', '/readyz'] as const

/**
 * Answers whether the process works (`/healthz`) and whether it takes connections (`/readyz`). An engine that is away makes it unready and not
 * unhealthy: another start would not bring the engine back. spec H29 H51
 */
export function answerHealth(
  path: (typeof HEALTH_PATHS)[number],
  { state }: Pick<Hub, 'state'>,
): HealthAnswer {
  const isGood = state === 'ready' || (path === '/healthz' && state === 'unavailable')
  return { status: isGood ? 200 : 503, body: JSON.stringify({ status: isGood ? 'ok' : state }) }
}
