import { expect, test } from 'vitest'
import { Preferences } from '../src/state/preferences.ts'
import { TestStore } from './support/context.ts'

test('choices outlive the page', () => {
  const lasting = new TestStore()
  new Preferences({ lasting, tab: new TestStore() }).change({ name: 'Alice', cameraOn: false })
  const { choices } = new Preferences({ lasting, tab: new TestStore() })
  expect(choices.value).toMatchObject({ name: 'Alice', cameraOn: false, microphoneOn: true })
})

test('a tab keeps its own name across a reload, whatever other tabs choose', () => {
  const lasting = new TestStore()
  const tab = new TestStore()
  new Preferences({ lasting, tab }).change({ name: 'Alice' })
  new Preferences({ lasting, tab: new TestStore() }).change({ name: 'Grace' })
  expect(new Preferences({ lasting, tab }).choices.value.name).toBe('Alice')
})

test.each(['', 'null', '[]', '"x"', '{', '{"name":7,"microphoneId":{}}'])(
  'storage that holds %j gives fresh choices',
  (text) => {
    const lasting = new TestStore()
    lasting.setItem('conclave.choices', text)
    const { choices } = new Preferences({ lasting, tab: new TestStore() })
    expect(choices.value).toMatchObject({ name: '', microphoneOn: true, microphoneId: '' })
  },
)

test('the call of a tab is remembered by its id until it is left', () => {
  const stores = { lasting: new TestStore(), tab: new TestStore() }
  const preferences = new Preferences(stores)
  preferences.enterCall('room')
  expect(new Preferences(stores).wasInCall('room')).toBe(true)
  expect(new Preferences(stores).wasInCall('other')).toBe(false)
  preferences.leaveCall()
  expect(new Preferences(stores).wasInCall('room')).toBe(false)
})

test('storage that throws is storage that forgets', () => {
  const broken = {
    getItem: () => {
      throw new Error('off')
    },
    setItem: () => {
      throw new Error('off')
    },
    removeItem: () => {
      throw new Error('off')
    },
  }
  const preferences = new Preferences({ lasting: broken, tab: broken })
  preferences.change({ name: 'Alice' })
  preferences.enterCall('room')
  preferences.leaveCall()
  expect(preferences.choices.value.name).toBe('Alice')
})
