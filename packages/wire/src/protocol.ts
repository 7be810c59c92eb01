/** The WebSocket subprotocol of clients and hubs. */
export const SUBPROTOCOL = 'conclave.v1'

/** The path of a hub below its origin. */
export const HUB_PATH = '/hub'

/** The version in `challenge` and `join`. */
export const PROTOCOL_VERSION = 1

/** Largest control message in bytes of UTF-8. spec W4 */
export const MAX_CONTROL_BYTES = 32_768

/** Largest statement of a room's owner in `remove`, in bytes. chapter authority, U4 */
export const MAX_STATEMENT_BYTES = 18_544

/** The most statements of one `remove`. spec W5 */
export const MAX_REMOVAL_STATEMENTS = 2

/** The most participants that a `joined` can name. spec W5 */
export const MAX_LISTED_PARTICIPANTS = 1024

/** The most servers of one `iceServers`. spec W15 */
export const MAX_ICE_SERVERS = 8

/** The most addresses of a server in `iceServers`. spec W15 */
export const MAX_ICE_URLS = 4

/** Longest address, user name and credential in `iceServers`, in characters. spec W15 */
export const MAX_ICE_TEXT_LENGTH = 512

/** Fixed part of a data frame in bytes. spec W9 */
export const DATA_HEADER_BYTES = 48

/** Largest extension of a data frame in bytes. spec W12 */
export const MAX_EXTENSION_BYTES = 256

/** Largest payload of a data frame in bytes. spec W10 */
export const MAX_PAYLOAD_BYTES = 65_536

/** Largest WebSocket message that a hub reads, in bytes; a larger one ends the connection with 1009. spec W14 */
export const MAX_MESSAGE_BYTES = 262_144

/** Length of the hub's challenge in bytes. */
export const NONCE_BYTES = 32

/** Length of a room's public access key (Ed25519) in bytes. */
export const ACCESS_KEY_BYTES = 32

/** Length of the fingerprint of a room's owner in bytes. */
export const OWNER_BYTES = 16

/** Length of a session's public signing key (Ed25519) in bytes. */
export const SESSION_KEY_BYTES = 32

/** Length of a proof (Ed25519 signature) in bytes. */
export const PROOF_BYTES = 64

/** Longest name of a guarded channel, in characters. spec W20 */
export const MAX_CHANNEL_NAME_LENGTH = 164

/** Longest token, in characters. spec W23 */
export const MAX_TOKEN_LENGTH = 8192

/** Longest name of a user, in characters. spec W23 */
export const MAX_USER_LENGTH = 128

/** Longest name of a device of a user, in characters. spec W23 */
export const MAX_DEVICE_LENGTH = 64

/** Largest sealed text of a member about itself, in bytes. spec W23 */
export const MAX_INFO_BYTES = 1024

/** The most members of one `memberPage`. spec W24 */
export const MAX_LISTED_MEMBERS = 100
