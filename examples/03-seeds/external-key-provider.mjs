// @ts-nocheck -- a sample in JavaScript
import {
  Conclave,
  ExternalE2EEKeyProvider,
  generatePassphrase,
} from "@conclave/client/compat";
import { show } from "./show.mjs";

// The sample finds the calls at `window`, and the name of the meeting in a variable.
window.Conclave = Conclave;
let meeting;
const meetingId = "";

const keyProvider = new ExternalE2EEKeyProvider();
keyProvider.setSharedKey("lantern harbour seven quiet orchard pebble");

// Setting key before initalizing meeting
// If you set key before initalize then e2ee will automatically enabled.
Conclave.setKeyProvider(keyProvider);

meeting = window.Conclave.initMeeting({
  meetingId: "pbow-6vec-vahn" || meetingId, // required
  micEnabled: true,
  webcamEnabled: true,
});

meeting.on("participant-joined", (participant) => {
  show(participant);
  participant.on("e2ee-state-change", (data) => {
    console.log("Media Kind ", data.kind);
    console.log("State changed to ", data.state);
  });
});

console.log("isE2EEEnabled ", meeting.isE2EEEnabled);

await meeting.join();
console.log("a passphrase for your own meeting: ", generatePassphrase());

export { keyProvider, meeting };
