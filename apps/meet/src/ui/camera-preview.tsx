/**
 * The person's own picture before joining, with the two switches that matter.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { LocalMedia } from '../state/local-media.ts'
import { hueOf, initialsOf } from '../state/person.ts'
import { useServices } from './app-context.ts'
import { Avatar } from './avatar.tsx'
import { DeviceToggle } from './device-toggle.tsx'
import { strings } from './strings.ts'
import { TrackVideo } from './track-video.tsx'

/** A mirrored preview; without a picture, initials and the reason. */
export function CameraPreview({ media }: { readonly media: LocalMedia }): JSX.Element {
  const { name } = useServices().app.context.preferences.choices.value
  const camera = media.camera.value
  const track = camera.state === 'on' ? camera.track : undefined
  return (
    <div class="preview">
      <TrackVideo track={track} class="preview-video is-mirrored" hidden={track === undefined} />
      {track === undefined && (
        <div class="preview-empty">
          {name.trim() !== '' && <Avatar initials={initialsOf(name)} hue={hueOf(name)} />}
          <p>{emptyText(media)}</p>
        </div>
      )}
      <div class="preview-controls">
        <DeviceToggle media={media} device="microphone" />
        <DeviceToggle media={media} device="camera" />
      </div>
    </div>
  )
}

const emptyText = (media: LocalMedia): string => {
  const asksCamera = media.camera.value.state === 'opening'
  const asksMicrophone = media.microphone.value.state === 'opening'
  if (media.asking.value) {
    if (asksCamera && asksMicrophone) return strings.lobby.asking
    if (asksCamera) return strings.lobby.askingCamera
    if (asksMicrophone) return strings.lobby.askingMicrophone
  }
  const camera = media.camera.value
  return camera.state === 'fault'
    ? strings.lobby.cameraFault[camera.fault]
    : strings.lobby.cameraOff
}
