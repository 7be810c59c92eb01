/**
 * Why a channel ended: it was closed here; its grant was revoked, or its user put out; the hub refused the whole connection.
 * spec G91
 */
export type ChannelEnd = 'closed' | 'revoked' | 'kicked' | 'banned' | 'refused' | 'full'
