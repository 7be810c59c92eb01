import { generateAesGcmKey } from "@conclave/e2ee";
import { decryptRealtimeJson, encryptRealtimeJson } from "@conclave/e2ee";

const eventKey = await generateAesGcmKey();

const encrypted = await encryptRealtimeJson(
  {
    note: "Sensitive delivery instruction",
  },
  eventKey,
  {
    scope: "delivery",
    scopeId: "order-1001",
    eventName: "delivery.private_note",
    keyVersion: 1,
  },
);

const payload = await decryptRealtimeJson(encrypted, eventKey, {
  scope: "delivery",
  scopeId: "order-1001",
  eventName: "delivery.private_note",
});

export { encrypted, eventKey, payload };
