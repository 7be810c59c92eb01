import { encrypted, message, roomKey } from "./chat.ts";
import { decryptChatJson } from "@conclave/e2ee";
import {
  exportAesGcmKeyToBase64,
  importAesGcmKeyFromBase64,
} from "@conclave/e2ee";

const rawRoomKey = await exportAesGcmKeyToBase64(roomKey);

// Store or exchange rawRoomKey only through your secure key flow.
const restoredRoomKey = await importAesGcmKeyFromBase64(rawRoomKey);

const again = await decryptChatJson(encrypted, restoredRoomKey, {
  roomId: "room-42",
  messageId: "msg-1",
});

export { again, message, rawRoomKey };
