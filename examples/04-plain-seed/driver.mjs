import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'

const bus = new MemoryBus()

/** Carries messages within this page. Put a driver of your bus in its place. */
export class MyDriver extends MemoryDriver {
  constructor() {
    super(bus)
  }
}
