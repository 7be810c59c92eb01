import type { Brand, RoomId } from '@conclave/wire'

/**
 * Names a guarded channel to engines: 16 bytes, base64url, that only the hub can make from the channel's name. An engine, a file or a bus sees
 * nothing else of it. spec G3
 */
export type Lane = Brand<string, 'Lane'>

/** The name of a room or a guarded channel as engines know it. The two kinds never meet, because both are derived. */
export type EngineLane = RoomId | Lane
