// What the adapter could do: multiply-adds, copies, dispatches (runtime/measure-device.ts), in a process of its own.
import { openDevice } from '../dist/runtime/index.js';
import { measureDevice } from '../dist/runtime/measure-device.js';

const device = await openDevice();
try {
  const profile = await measureDevice(device);
  process.send(profile, () => process.exit(0));
} catch (error) {
  process.send({ failed: error.message }, () => process.exit(1));
}
