/**
 * The formats that clients and hubs share: ids, control messages, data frames, the bytes of the proofs of a join, close codes.
 * No I/O, no cryptography. Normative text: spec/wire.md.
 *
 * @module
 */
export { CLOSE_CODES } from './close-codes.ts'
export type { CloseCode } from './close-codes.ts'
export type { ConnectionLimits } from './connection-limits.ts'
export { encodeMessage } from './control-message.ts'
export type {
  ChallengeMessage,
  ClientMessage,
  GoodbyeMessage,
  IceServersMessage,
  JoinedMessage,
  JoinMessage,
  LeaveMessage,
  LeaveReason,
  ParticipantJoinedMessage,
  ParticipantLeftMessage,
  PingMessage,
  PongMessage,
  RefusedMessage,
  RemoveMessage,
  RefusedReason,
  ServerMessage,
  UnknownMessage,
} from './control-message.ts'
export { decodeClientMessage, decodeServerMessage } from './control-schema.ts'
export { decodeDataFrame, encodeDataFrame, decodeMessageId, isSignalFrame } from './data-frame.ts'
export type {
  AckFrame,
  DataFrame,
  DeliverFrame,
  PublishFrame,
  SignalFrame,
  SignalledFrame,
} from './data-frame.ts'
export type {
  DeniedMessage,
  GuardedAnswer,
  GuardedRequest,
  MemberCountMessage,
  MemberJoinedMessage,
  MemberLeftMessage,
  MemberPageMessage,
  MembersMessage,
  RefreshedMessage,
  RefreshMessage,
  SubscribedMessage,
  SubscribeMessage,
  UnavailableMessage,
  UnsubscribedMessage,
  UnsubscribedReason,
  UnsubscribeMessage,
} from './guarded-message.ts'
export {
  channelKind,
  isChannelMember,
  isCursor,
  isDeviceName,
  isMemberPage,
  isRightList,
  isToken,
  isUserName,
  parseChannelName,
  RIGHTS,
  SERVER_SENDER,
} from './guarded.ts'
export type { ChannelMember, ChannelName, GuardedKind, MemberId, Right } from './guarded.ts'
export { isIceServer } from './ice-servers.ts'
export type { IceServer } from './ice-servers.ts'
export {
  bytesToMessageId,
  bytesToParticipantId,
  bytesToRoomId,
  ID_BYTES,
  ID_CHARACTERS,
  idToBytes,
  parseMessageId,
  parseParticipantId,
  parseRoomId,
  UNKNOWN_MESSAGE_ID,
} from './ids.ts'
export type { Brand, MessageId, ParticipantId, RoomId } from './ids.ts'
export { encodeAccessProof, encodeSessionProof } from './join-proof.ts'
export type { JoinProofContext } from './join-proof.ts'
export {
  ACCESS_KEY_BYTES,
  DATA_HEADER_BYTES,
  HUB_PATH,
  MAX_CHANNEL_NAME_LENGTH,
  MAX_CONTROL_BYTES,
  MAX_DEVICE_LENGTH,
  MAX_ICE_SERVERS,
  MAX_REMOVAL_STATEMENTS,
  MAX_STATEMENT_BYTES,
  MAX_EXTENSION_BYTES,
  MAX_INFO_BYTES,
  MAX_LISTED_MEMBERS,
  MAX_LISTED_PARTICIPANTS,
  MAX_MESSAGE_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_TOKEN_LENGTH,
  MAX_USER_LENGTH,
  NONCE_BYTES,
  OWNER_BYTES,
  PROOF_BYTES,
  PROTOCOL_VERSION,
  SESSION_KEY_BYTES,
  SUBPROTOCOL,
} from './protocol.ts'
