import { generateAesGcmKey } from "@conclave/e2ee";
import { decryptCallSignalJson, encryptCallSignalJson } from "@conclave/e2ee";

const callKey = await generateAesGcmKey();
const localDescription = {
  type: "offer",
  sdp: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n",
};

const encryptedOffer = await encryptCallSignalJson(
  {
    sdp_type: "offer",
    sdp: localDescription.sdp,
  },
  callKey,
  {
    callId: "call-9001",
    eventName: "call.offer",
    keyVersion: 1,
  },
);

const offer = await decryptCallSignalJson(encryptedOffer, callKey, {
  callId: "call-9001",
  eventName: "call.offer",
});

export { callKey, encryptedOffer, localDescription, offer };
