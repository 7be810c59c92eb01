// @ts-nocheck -- a sample in JavaScript
/** Shows what a participant sends, for as long as it does. */
export function show(participant) {
  participant.on("stream-enabled", ({ kind, source, track }) => {
    const player = document.createElement(kind);
    player.id = `${participant.id} ${source}`;
    player.autoplay = true;
    player.srcObject = new MediaStream([track]);
    document.body.append(player);
  });
  participant.on("stream-disabled", ({ source }) => {
    document.getElementById(`${participant.id} ${source}`)?.remove();
  });
}
