/** Takes the newest kernels of Debian's archive into the lock. @module */
import { updateLock } from "./kernels.ts";

await updateLock();
