import { systemClock, timeOfDay } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { HubAccess } from '../access/create-access.ts'
import type { GuardedApi } from '../guarded/guarded-hub.ts'
import type { ApiAnswer } from './api-answer.ts'
import { ApiOperations } from './api-operations.ts'
import { ServerApi } from './server-api.ts'
import type { HubApi } from './server-api.ts'

/** The parts of a hub that its API needs. */
export interface HubApiOptions {
  readonly channels: GuardedApi
  readonly hosts: ReadonlySet<string>
  readonly maxPayloadBytes: number
  readonly isDraining: () => boolean
  readonly clock: Clock
  readonly onAnswer: (answer: ApiAnswer) => void
}

/** Creates the API of a hub for the servers of its applications; `undefined` when there are none. spec G70 */
export function createHubApi(
  { apps, keys, tickets }: Pick<HubAccess, 'apps' | 'keys' | 'tickets'>,
  { channels, maxPayloadBytes, clock, ...rest }: HubApiOptions,
): HubApi | undefined {
  if (apps.length === 0) return undefined
  const operations = new ApiOperations({ channels, tickets, clock, maxPayloadBytes })
  const now = clock === systemClock ? timeOfDay : () => clock.now()
  return new ServerApi({ operations, keys, clock, timeOfDay: now, ...rest })
}
