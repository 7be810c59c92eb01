/**
 * Sentences about what does not work with the devices, and what to do.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { LocalMedia } from '../state/local-media.ts'
import type { DeviceFault, RecordingDevice } from '../state/media-port.ts'
import { Icon } from './icon.tsx'
import { strings } from './strings.ts'

/** Nothing when all is well; faults of both devices with one reason are one sentence. */
export function MediaHints({ media }: { readonly media: LocalMedia }): JSX.Element {
  const faults = faultsOf(media)
  return (
    <div class="hints" role="status">
      {faults.map(([fault, devices]) => (
        <p key={fault} class="hint">
          <Icon name="warning" />
          <span>
            {strings.deviceFault(fault, devices)}{' '}
            {devices.length > 1 ? strings.lobby.watchOnly : strings.lobby.withoutIt}
          </span>
        </p>
      ))}
    </div>
  )
}

const faultsOf = (
  media: LocalMedia,
): readonly (readonly [DeviceFault, readonly RecordingDevice[]])[] => {
  const devicesByFault = new Map<DeviceFault, RecordingDevice[]>()
  for (const device of ['microphone', 'camera'] as const) {
    const now = media[device].value
    if (now.state !== 'fault') continue
    devicesByFault.set(now.fault, [...(devicesByFault.get(now.fault) ?? []), device])
  }
  return [...devicesByFault]
}
