// @ts-nocheck -- a sample in JavaScript
import {
  Conclave as ConclaveClient,
  E2EEManager as ConclaveE2EEManager,
} from "@conclave/client/compat";
import { show } from "./show.mjs";

const sharedKeyProvider = new ConclaveE2EEManager.SharedKeyProvider();

const e2eeManager = new ConclaveE2EEManager({ keyProvider: sharedKeyProvider });

const meeting = await ConclaveClient.init({
  modules: {
    e2ee: {
      enabled: true,
      manager: e2eeManager,
    },
  },
});

// The first page draws the key. Its address, which ends with it, is for those who may come, over a channel of yours.
if (location.hash === "") {
  const drawn = crypto.getRandomValues(new Uint8Array(32));
  history.replaceState(null, "", `#${btoa(String.fromCharCode(...drawn))}`);
}
const key = atob(location.hash.slice(1));
sharedKeyProvider.setKey(
  Uint8Array.from(key, (character) => character.charCodeAt(0)),
);

meeting.on("participant-joined", show);
await meeting.join();

export { e2eeManager, meeting };
