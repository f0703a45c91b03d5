// Imported before everything else of the engine's process: a thread inherits its priority, and the engine starts dozens as it is loaded.
import { setPriority } from 'node:os';

/** Of the system's -20 to 19, lowest last: whoever shares the machine and answers miners goes first. */
const NICENESS = 10;

setPriority(NICENESS);
