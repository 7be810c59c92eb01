/**
 * Every decoder of what comes from outside.
 *
 * @module
 */
import type { FuzzTarget } from '../target.ts'
import { ACCESS_TARGETS } from './access.ts'
import { ADAPTER_TARGETS } from './adapters.ts'
import { AUTHORITY_TARGETS } from './authority.ts'
import { BUS_TARGETS } from './bus.ts'
import { DATA_TARGETS } from './data.ts'
import { EVENT_PART_TARGETS } from './event-parts.ts'
import { EVENT_TARGETS } from './events.ts'
import { EXCHANGE_TARGETS } from './exchange.ts'
import { FILE_TARGETS } from './files.ts'
import { HUB_INPUT_TARGETS } from './hub-inputs.ts'
import { INTRODUCTION_TARGETS } from './introductions.ts'
import { KEY_TARGETS } from './keys.ts'
import { MEDIA_TARGETS } from './media.ts'
import { PASSPHRASE_TARGETS } from './passphrases.ts'
import { PEER_DATA_TARGETS } from './peer-data.ts'
import { ROOM_FILE_TARGETS } from './room-files.ts'
import { ROOM_TARGETS } from './rooms.ts'
import { SERVER_API_TARGETS } from './server-api.ts'
import { SESSION_TARGETS } from './session.ts'
import { VAULT_MEMORY_TARGETS } from './vault-memory.ts'
import { VAULT_TARGETS } from './vault.ts'
import { WIRE_TARGETS } from './wire.ts'

/** In the order in which they run. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...WIRE_TARGETS,
  ...ACCESS_TARGETS,
  ...EVENT_TARGETS,
  ...EVENT_PART_TARGETS,
  ...KEY_TARGETS,
  ...EXCHANGE_TARGETS,
  ...INTRODUCTION_TARGETS,
  ...AUTHORITY_TARGETS,
  ...PASSPHRASE_TARGETS,
  ...FILE_TARGETS,
  ...SESSION_TARGETS,
  ...ROOM_TARGETS,
  ...ROOM_FILE_TARGETS,
  ...BUS_TARGETS,
  ...PEER_DATA_TARGETS,
  ...DATA_TARGETS,
  ...MEDIA_TARGETS,
  ...VAULT_TARGETS,
  ...VAULT_MEMORY_TARGETS,
  ...ADAPTER_TARGETS,
  ...SERVER_API_TARGETS,
  ...HUB_INPUT_TARGETS,
]
