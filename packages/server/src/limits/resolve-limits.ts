import {
  DATA_HEADER_BYTES,
  MAX_LISTED_PARTICIPANTS,
  MAX_MESSAGE_BYTES,
  MAX_PAYLOAD_BYTES,
} from '@conclave/wire'
import { ServerError } from '../errors.ts'
import { DEFAULT_LIMITS } from './hub-limits.ts'
import type { HubLimits } from './hub-limits.ts'
import { memoryBound } from './memory-bound.ts'

/**
 * The defaults with some of them replaced.
 *
 * @throws RangeError for a limit that is not a positive integer, or that is beyond what messages can carry; ServerError
 *   `ERR_SERVER_LIMITS` for limits that do not fit each other
 */
export function resolveLimits(limits: Partial<HubLimits> = {}): HubLimits {
  const resolved = raiseDefaults({ ...DEFAULT_LIMITS, ...limits }, limits)
  for (const [name, value] of Object.entries(resolved) as [keyof HubLimits, number][]) {
    const max = MAXIMA[name] ?? 0xffff_ffff
    if (!Number.isInteger(value) || value < 1 || value > max) {
      throw new RangeError(`"limits.${name}" expected an integer from 1 to ${max}, got ${value}`)
    }
  }
  if (resolved.bytesBurst < MAX_MESSAGE_BYTES) {
    throw new RangeError(
      `"limits.bytesBurst" expected ${MAX_MESSAGE_BYTES} at least, got ${resolved.bytesBurst}`,
    )
  }
  checkRelations(resolved)
  return resolved
}

/** Limits of users and channels follow those of connections, unless they are named. spec H34 */
function raiseDefaults(resolved: HubLimits, named: Partial<HubLimits>): HubLimits {
  let raised = resolved
  for (const { limit, least, isRaised = false } of RELATIONS) {
    if (isRaised && named[limit] === undefined)
      raised = { ...raised, [limit]: Math.max(raised[limit], least(raised)) }
  }
  return raised
}

/** A client that keeps one of two limits that do not fit would be ended or refused for the other. spec H34 */
function checkRelations(limits: HubLimits): void {
  for (const { limit, neighbour, least } of RELATIONS) {
    const atLeast = least(limits)
    if (limits[limit] >= atLeast) continue
    const message = `"limits.${limit}" is ${limits[limit]}, but "limits.${neighbour}" requires ${atLeast} at least`
    throw new ServerError('ERR_SERVER_LIMITS', { limit, neighbour, atLeast }, { message })
  }
}

/** In the order of the table of spec H34. */
const RELATIONS: readonly Relation[] = [
  {
    limit: 'outboundHardBytes',
    neighbour: 'bytesBurst',
    least: ({ bytesBurst }) => BURSTS_QUEUED * bytesBurst,
  },
  {
    limit: 'outboundHardBytes',
    neighbour: 'maxParticipants',
    least: ({ maxParticipants, maxPayloadBytes }) =>
      (maxParticipants - 1) * (maxPayloadBytes + FRAME_BYTES),
  },
  {
    limit: 'outboundTotalBytes',
    neighbour: 'outboundHardBytes',
    least: ({ outboundHardBytes }) => 2 * outboundHardBytes,
  },
  {
    limit: 'inboundTotalBytes',
    neighbour: 'bytesBurst',
    least: ({ bytesBurst }) => 2 * bytesBurst,
  },
  {
    limit: 'publishesPerUser',
    neighbour: 'publishPerSecond',
    least: ({ publishPerSecond }) => publishPerSecond,
    isRaised: true,
  },
  {
    limit: 'publishBurstPerUser',
    neighbour: 'publishBurst',
    least: ({ publishBurst }) => publishBurst,
    isRaised: true,
  },
  {
    limit: 'publishesPerChannel',
    neighbour: 'publishesPerUser',
    least: ({ publishesPerUser }) => publishesPerUser,
    isRaised: true,
  },
  {
    limit: 'publishBurstPerChannel',
    neighbour: 'publishBurstPerUser',
    least: ({ publishBurstPerUser }) => publishBurstPerUser,
    isRaised: true,
  },
  {
    limit: 'subscriptionsPerUser',
    neighbour: 'subscriptionsPerConnection',
    least: ({ subscriptionsPerConnection }) => subscriptionsPerConnection,
    isRaised: true,
  },
  {
    limit: 'subscriptions',
    neighbour: 'subscribersPerChannel',
    least: ({ subscribersPerChannel }) => subscribersPerChannel,
  },
  { limit: 'memoryBytes', neighbour: 'connections', least: memoryBound },
  {
    limit: 'publishesInFlight',
    neighbour: 'publishBurst',
    least: ({ publishBurst }) => publishBurst,
  },
  {
    limit: 'pingIntervalMs',
    neighbour: 'pongDeadlineMs',
    least: ({ pongDeadlineMs }) => pongDeadlineMs,
  },
]

/** One participant's burst finds room in a queue that another one's burst has just filled. */
const BURSTS_QUEUED = 2

/** The heads of a deliver frame and of its WebSocket frame. */
const FRAME_BYTES = DATA_HEADER_BYTES + 10

/** Two limits that must fit each other. */
interface Relation {
  /** The limit that must be large enough. */
  readonly limit: keyof HubLimits
  /** The limit that it must be large enough for. */
  readonly neighbour: keyof HubLimits
  /** The least value of `limit`. */
  readonly least: (limits: HubLimits) => number
  /** Whether a limit that nobody named is raised, where it would be too small. */
  readonly isRaised?: boolean
}

const MAXIMA: Partial<Record<keyof HubLimits, number>> = {
  maxPayloadBytes: MAX_PAYLOAD_BYTES,
  maxParticipants: MAX_LISTED_PARTICIPANTS + 1,
  roomPercentOfAddress: 100,
}
